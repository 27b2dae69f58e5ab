"""Python Nodepool's own GCE adapter, taken through the life of some instances.

Arguments: a configuration file with one provider, and the address of the cloud. The labels are made one
after the other; then all that they made is deleted. Prints what the adapter has seen, as JSON.
"""
import functools
import json
import logging
import math
import sys
import time

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

import googleapiclient.discovery  # noqa: E402
from googleapiclient.errors import HttpError  # noqa: E402
from nodepool import config as nodepool_config  # noqa: E402
from nodepool import exceptions  # noqa: E402
from nodepool.driver.gce.adapter import GceAdapter  # noqa: E402

PATIENCE_SECONDS = 30
CONFIG, ORIGIN = sys.argv[1:]
log = logging.getLogger('adapter')

# The adapter knows Google's address only.
googleapiclient.discovery.build = functools.partial(
    googleapiclient.discovery.build,
    client_options=dict(api_endpoint=ORIGIN + '/compute/v1/'))

provider = list(nodepool_config.loadConfig(CONFIG).providers.values())[0]
adapter = GceAdapter(provider)
labels = {name: label for pool in provider.pools.values() for name, label in pool.labels.items()}


def forget():
    """Its list is good for ten seconds."""
    GceAdapter._listInstances.cache_clear()


def finish(machine):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        forget()
        result = machine.advance()
        if machine.complete:
            return result
        time.sleep(0.05)
    raise Exception('no end of %s' % machine.state)


def refused(error):
    return dict(error=error.reason, status=int(error.status_code),
                details=error.error_details)


def create(label, number):
    metadata = dict(nodepool_node_id='%010d' % number, nodepool_provider_name=provider.name,
                    nodepool_pool_name=label.pool.name)
    try:
        made = finish(adapter.getCreateStateMachine(
            'np%010d' % number, label, None, metadata, None, None, log))
    except HttpError as error:
        return refused(error)
    except exceptions.LaunchStatusException as error:
        return dict(error=str(error))
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, region=made.region, az=made.az, cloud=made.cloud,
                metadata=made.metadata, quota=made.quota.quota['compute'])


def resources():
    forget()
    return sorted([one.type, one.id, one.metadata.get('nodepool_node_id')]
                  for one in adapter.listResources())


def needs(label):
    try:
        return adapter.getQuotaForLabel(label).quota['compute']
    except HttpError as error:
        return refused(error)


def delete_again(name):
    try:
        adapter._deleteInstance(name)
    except HttpError as error:
        return refused(error)


seen = dict(
    limits={name: amount for name, amount in adapter.getQuotaLimits().quota['compute'].items()
            if amount != math.inf},
    needs={name: needs(label) for name, label in labels.items()},
    made={name: create(labels[name], number) for number, name in enumerate(sorted(labels))},
)
forget()
seen['listed'] = {one.external_id: one.getQuotaInformation().quota['compute']
                  for one in adapter.listInstances()}
seen['resources'] = resources()
for made in seen['made'].values():
    if 'id' in made:
        finish(adapter.getDeleteStateMachine(made['id'], log))
for resource in list(adapter.listResources()):
    if 'nodepool_node_id' in resource.metadata:
        adapter.deleteResource(resource)
time.sleep(0.5)
seen['left'] = resources()
seen['again'] = delete_again('np0000000000')
print(json.dumps(seen, default=str))
