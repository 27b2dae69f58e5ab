"""Python Nodepool's own OpenStack adapter, taken through the life of two servers.

Argument: a configuration file with one provider, whose labels are made one after the other, then
deleted. Prints what the adapter has seen, as JSON.
"""
import hashlib
import json
import logging
import sys
import time

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.openstack.adapter import OpenStackAdapter  # noqa: E402

PATIENCE_SECONDS = 60
log = logging.getLogger('adapter')
provider = list(nodepool_config.loadConfig(sys.argv[1]).providers.values())[0]
pool = list(provider.pools.values())[0]
adapter = OpenStackAdapter(provider)


def finish(machine):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        result = machine.advance()
        if machine.complete:
            return result
        time.sleep(0.05)
    raise Exception('no end of %s' % machine.state)


def create(label, number):
    tags = dict(nodepool_node_id=str(number), nodepool_provider_name=provider.name,
                nodepool_pool_name=pool.name)
    try:
        made = finish(adapter.getCreateStateMachine(
            'host-%d' % number, label, None, tags, None, 'az1', log))
    except Exception as error:
        return dict(error=type(error).__name__)
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, zone=made.az, metadata=made.metadata,
                quota=made.quota.quota['compute'])


def until_listed(wanted):
    """The adapter's listing is a cache that is renewed in the background."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = {one.external_id: one.getQuotaInformation().quota['compute']
                 for one in adapter.listInstances()}
        if len(found) == wanted or time.monotonic() > end:
            return found
        time.sleep(0.1)


labels = [pool.labels[name] for name in sorted(pool.labels)]
seen = dict(
    flavors=[flavor['name'] for flavor in adapter._listFlavors()],
    zones=adapter.getAZs(),
    limits=adapter.getQuotaLimits().quota['compute'],
    ready={label.name: adapter.labelReady(label) for label in labels},
    made={},
)
for number, label in enumerate(labels):
    if seen['ready'][label.name]:
        seen['made'][label.name] = create(label, number)
with open(sys.argv[1], 'rb') as f:
    content = f.read()
seen['image'] = adapter.uploadImage(
    None, 'uploaded', sys.argv[1], 'raw', {}, hashlib.md5(content).hexdigest(),
    hashlib.sha256(content).hexdigest())
ids = [made['id'] for made in seen['made'].values() if 'id' in made]
seen['listed'] = until_listed(len(ids))
seen['console'] = adapter._client.get_server_console(ids[0])
for external_id in ids:
    finish(adapter.getDeleteStateMachine(external_id, log))
seen['left'] = until_listed(0)
adapter.stop()
print(json.dumps(seen, default=str))
