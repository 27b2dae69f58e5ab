"""Reads clouds with openstacksdk's own code.

Takes a JSON list of cases from standard input, prints one JSON object a case. Each case has a folder
of its own, which is home, working folder and site folder at once.
"""
import importlib
import json
import logging
import os
import sys
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

import requests  # noqa: E402
from openstack.config import loader, vendors  # noqa: E402

SERVICES = ["compute", "network", "image", "block-storage"]
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "XDG_", "SNAP"))}
for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]:
    CLEAN.pop(name, None)
# What is compared in another shape, or is of no use to Nodepool.
OTHERS = [
    "networks",
    "baremetal_introspection_status_code_retries",
    "baremetal_status_code_retries",
    "image_status_code_retries",
    "database_service_type",
    "disable_vendor_agent",
    "dns_api_version",
    "message",
    "object_store_api_version",
    "requires_floating_ip",
    "secgroup_source",
    "status",
    "vendor_hook",
]


class Sent(Exception):
    """What would have been sent to keystone."""


class Answer:
    ok = True
    status_code = 200
    reason = "OK"

    def __init__(self, value):
        self.value = value

    def json(self):
        return self.value


class Session:
    def post(self, url, json=None, **_):
        raise Sent(json["auth"])


def request_for_token(plugin):
    """The body of the request for a token, of version 3 whatever the plugin would find."""
    if hasattr(plugin, "create_plugin"):
        plugin = plugin.create_plugin(Session(), (3, 0), plugin.auth_url)
    if not hasattr(plugin, "auth_url"):
        return {"endpoint": plugin.endpoint, "token": getattr(plugin, "token", None)}
    try:
        plugin.get_auth_ref(Session())
    except Sent as sent:
        return {"url": plugin.auth_url, **sent.args[0]}
    raise AssertionError("nothing was sent")


def service(region, name):
    version, microversion = region.get_api_version(name), region.get_default_microversion(name)
    if name in ("compute", "block-storage"):
        asked = region._get_version_request(name, None)
        version, microversion = asked.version, asked.default_microversion
    own_type = region.get_service_type(name)
    return {
        # Its older form publicURL means the same, see keystoneauth's service catalog.
        "interface": region.get_interface(name).rstrip("URL"),
        "region": region.get_region_name(name),
        "endpoint": region.get_endpoint(name),
        "type": None if own_type == name else own_type,
        "name": region.get_service_name(name),
        "version": version,
        "microversion": microversion,
        "disabled": not region.has_service(name),
    }


def floating_ip_source(config):
    source = str(config.get("floating_ip_source") or "none").lower()
    return source if source in ("nova", "neutron") else "none"


def read(case):
    region = loader.OpenStackConfig().get_one(**case["arguments"])
    config = region.config
    verify, cert = region.get_requests_verify_args()
    found = requests.Session().merge_environment_settings("https://x", {}, None, verify, None)
    timeout = config.get("api_timeout")
    return {
        "name": region.name,
        "region": region.get_region_name(),
        "config": {key: value for key, value in config.items() if key not in OTHERS},
        "token": request_for_token(region.get_auth()),
        "verify": found["verify"],
        "cert": cert,
        "services": {name: service(region, name) for name in SERVICES},
        "networks": [{**one, "name": str(one["name"])} for one in config["networks"]],
        "floating_ip_source": floating_ip_source(config),
        "private": bool(config.get("private", False)),
        "use_external_network": bool(config.get("use_external_network", True)),
        "use_internal_network": bool(config.get("use_internal_network", True)),
        "force_ipv4": bool(region.force_ipv4),
        "image_format": config["image_format"],
        "image_api_use_tasks": bool(config["image_api_use_tasks"]),
        "api_timeout": None if timeout is None else float(timeout),
    }


def judge(case):
    os.environ.clear()
    os.environ.update({**CLEAN, **case["environment"]})
    os.chdir(case["folder"])
    # Its search path is made when it is loaded.
    importlib.reload(loader)
    vendors._VENDOR_DEFAULTS.clear()
    requests.get = lambda url, **_: Answer(case["web"][url])
    try:
        return read(case)
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


if __name__ == "__main__":
    for one in json.load(sys.stdin):
        print(json.dumps(judge(one), default=str))
