"""Python Nodepool's own AWS adapter, taken through the life of instances and images.

Argument: a configuration file with one provider, whose labels are made one after the other, then
deleted; the file itself is uploaded by each method. Prints what the adapter has seen, as JSON.
"""
import hashlib
import json
import logging
import math
import queue
import sys
import time

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.aws import adapter as aws  # noqa: E402

PATIENCE_SECONDS = 60
# It waits for real clouds; this one is quicker.
aws.CACHE_TTL = 0.2
aws.AwsAdapter.IMAGE_UPLOAD_SLEEP = 0.2


def batch(waiting):
    try:
        return [waiting.get(timeout=0.05)]
    except queue.Empty:
        return []


aws.AwsAdapter._getBatch = staticmethod(batch)

log = logging.getLogger('adapter')
provider = list(nodepool_config.loadConfig(sys.argv[1]).providers.values())[0]
pool = list(provider.pools.values())[0]
adapter = aws.AwsAdapter(provider)


def finite(quota):
    return {key: value for key, value in quota.quota['compute'].items() if value != math.inf}


def finish(machine):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        result = machine.advance()
        if machine.complete:
            return result
        time.sleep(0.05)
    raise Exception('no end of %s' % machine.state)


def tags_of(number):
    return dict(nodepool_node_id=str(number), nodepool_provider_name=provider.name,
                nodepool_pool_name=pool.name)


def create(label, number):
    try:
        made = finish(adapter.getCreateStateMachine(
            'host-%d' % number, label, None, tags_of(number), None, pool.az, log))
    except Exception as error:
        return dict(error=type(error).__name__, message=str(error))
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, ipv6=made.public_ipv6, zone=made.az,
                metadata=made.metadata, quota=finite(made.quota))


def until(look):
    """The adapter's listings are caches that are renewed in the background."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found, isWanted = look()
        if isWanted or time.monotonic() > end:
            return found
        time.sleep(0.1)


def listed(wanted):
    found = {one.external_id['instance']: finite(one.getQuotaInformation())
             for one in adapter.listInstances()}
    return found, len(found) == wanted


def resources():
    return sorted([one.type, one.metadata.get('nodepool_node_id') or
                   one.metadata.get('nodepool_upload_id', '')]
                  for one in adapter.listResources())


def upload(image, content):
    metadata = dict(nodepool_provider_name=provider.name, nodepool_upload_id=image.import_method)
    return adapter.uploadImage(
        image, 'uploaded-%s' % image.name, sys.argv[1], 'raw', metadata,
        hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())


labels = [pool.labels[name] for name in sorted(pool.labels)]
seen = dict(
    limits=finite(adapter.getQuotaLimits()),
    needs={label.name: finite(adapter.getQuotaForLabel(label)) for label in labels},
    made={label.name: create(label, number) for number, label in enumerate(labels)},
)
with open(sys.argv[1], 'rb') as f:
    content = f.read()
seen['images'] = {image.import_method: upload(image, content)
                  for image in provider.diskimages.values()}
ids = [made['id'] for made in seen['made'].values() if 'id' in made]
seen['listed'] = until(lambda: listed(len(ids)))
time.sleep(0.5)
adapter.listResources()
seen['resources'] = until(lambda: (resources(), True))
for external_id in ids:
    finish(adapter.getDeleteStateMachine(external_id, log))
for external_id in seen['images'].values():
    adapter.deleteImage(external_id)
seen['left'] = until(lambda: listed(0))
adapter.stop()
print(json.dumps(seen, default=str))
