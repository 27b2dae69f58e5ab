"""Loads and validates configuration files with Python Nodepool's own code.

Arguments: pairs of a main file and a secure file ("-" for none). Prints one JSON object a pair.
"""
import json
import logging
import math
import os
import sys

logging.disable(logging.CRITICAL)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.cmd.config_validator import ConfigValidator  # noqa: E402


def plain(value):
    if isinstance(value, float) and math.isinf(value):
        return "inf"
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return value


def image(one):
    names = ["name", "username", "python_path", "shell_type", "connection_type", "connection_port"]
    return {name: getattr(one, name, None) for name in names}


def pool(one):
    found = {"name": one.name, "max_servers": plain(one.max_servers)}
    for name in ["max_cores", "max_ram", "use_internal_ip", "node_attributes"]:
        if hasattr(one, name):
            found[name] = plain(getattr(one, name))
    labels = one.labels
    found["labels"] = sorted(labels.keys() if isinstance(labels, dict) else labels or [])
    return found


def provider(one):
    found = {"driver": one.driver.name, "max_concurrency": one.max_concurrency}
    for name in ["rate", "boot_timeout", "launch_timeout", "launch_retries", "priority"]:
        if hasattr(one, name):
            found[name] = plain(getattr(one, name))
    found["pools"] = {p.name: pool(p) for p in one.pools.values()}
    images = getattr(one, "cloud_images", None) or {}
    found["cloud_images"] = {i.name: image(i) for i in images.values()}
    images = getattr(one, "diskimages", None) or {}
    found["diskimages"] = {i.name: image(i) for i in images.values()}
    return found


def diskimage(one):
    return {
        "elements": one.elements.split(),
        "env_vars": one.env_vars,
        "formats": sorted(one.image_types),
        "keep_formats": sorted(one.keep_image_types),
        "delete_after_upload": one.delete_after_upload,
        "pause": one.pause,
        "rebuild_age": one.rebuild_age,
        "build_timeout": one.build_timeout,
        "release": one.release,
        "username": one.username,
        "python_path": one.python_path,
        "shell_type": one.shell_type,
        "dib_cmd": one.dib_cmd,
        "metadata": one.meta,
    }


def load(main, secure):
    loaded = nodepool_config.loadConfig(main)
    if secure:
        nodepool_config.loadSecureConfig(loaded, secure)
    return {
        "zookeeper": loaded.zookeeper_servers or "",
        "zookeeper_timeout": loaded.zookeeper_timeout,
        "tls": [loaded.zookeeper_tls_cert, loaded.zookeeper_tls_key, loaded.zookeeper_tls_ca],
        "max_hold_age": plain(loaded.max_hold_age),
        "webapp": loaded.webapp,
        "build_log_dir": loaded.build_log_dir,
        "build_log_retention": loaded.build_log_retention,
        "labels": {
            one.name: [one.min_ready, one.max_ready_age] for one in loaded.labels.values()
        },
        "tenant_limits": {
            tenant: {key: plain(value) for key, value in limits.items() if plain(value) != "inf"}
            for tenant, limits in loaded.tenant_resource_limits.items()
        },
        "diskimages": {name: diskimage(one) for name, one in loaded.diskimages.items()},
        "providers": {name: provider(one) for name, one in loaded.providers.items()},
    }


def judge(main, secure):
    verdict = {"file": main}
    try:
        verdict["config"] = load(main, None if secure == "-" else secure)
        verdict["loads"] = True
    except Exception as error:
        verdict["loads"] = False
        verdict["error"] = "%s: %s" % (type(error).__name__, error)
    try:
        verdict["valid"] = ConfigValidator(main).validate() == 0
    except Exception:
        verdict["valid"] = False
    return verdict


if __name__ == "__main__":
    arguments = sys.argv[1:]
    for main_file, secure_file in zip(arguments[::2], arguments[1::2]):
        print(json.dumps(judge(main_file, secure_file), default=str))
    sys.stdout.flush()
    os._exit(0)
