"""Python Nodepool's own Azure adapter, taken through the life of some machines and an image.

Arguments: a configuration file with one provider, the address of the cloud, and a file to upload.
The labels are made one after the other; then all that they made is deleted. Prints what the adapter
has seen, as JSON.
"""
import json
import logging
import math
import sys
import time

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.azure import azul  # noqa: E402
from nodepool.driver.azure.adapter import AzureAdapter  # noqa: E402

PATIENCE_SECONDS = 60
CONFIG, ORIGIN, IMAGE = sys.argv[1:]
log = logging.getLogger('adapter')

# The addresses are fixed in the adapter.
azul.AzureAuth.AUTH_URL = ORIGIN + '/{tenantId}/oauth2/token'
azul.AzureCRUD.base_subscription_url = ORIGIN + '/subscriptions/{subscriptionId}/'

provider = list(nodepool_config.loadConfig(CONFIG).providers.values())[0]
adapter = AzureAdapter(provider)
labels = {name: label for pool in provider.pools.values() for name, label in pool.labels.items()}


def forget():
    """Its lists are good for ten seconds."""
    for kind in ('VirtualMachines', 'NetworkInterfaces', 'PublicIPAddresses', 'Disks', 'Images'):
        getattr(AzureAdapter, '_list' + kind).cache_clear()


def finish(machine):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        forget()
        result = machine.advance()
        if machine.complete:
            return result
        time.sleep(0.05)
    raise Exception('no end of %s' % machine.state)


def create(label, number):
    tags = dict(nodepool_node_id=str(number), nodepool_provider_name=provider.name,
                nodepool_pool_name=label.pool.name)
    image = 'uploaded' if label.diskimage else None
    try:
        made = finish(adapter.getCreateStateMachine(
            'np%010d' % number, label, image, tags, None, None, log))
    except azul.AzureError as error:
        return dict(error=error.error_code, status=error.status_code, words=str(error))
    except Exception as error:
        return dict(error=type(error).__name__)
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, private6=made.private_ipv6, region=made.region,
                metadata=made.metadata)


def resources():
    forget()
    found = {}
    for one in adapter.listResources():
        found.setdefault(one.type, []).append(
            [one.name, one.metadata.get('nodepool_node_id')])
    return found


def image_error():
    try:
        adapter._getImage('uploaded')
    except azul.AzureNotFoundError as error:
        return error.error_code


adapter.uploadImage(None, 'uploaded', IMAGE, 'vhd', {'nodepool_upload_id': '7'}, None, None)
seen = dict(
    subnet=adapter.subnet_id,
    limits={name: amount for name, amount in adapter.getQuotaLimits().quota['compute'].items()
            if amount != math.inf},
    needs={name: adapter.getQuotaForLabel(label).quota['compute']
           for name, label in labels.items()},
    made={name: create(labels[name], number) for number, name in enumerate(sorted(labels))},
)
forget()
seen['listed'] = {one.external_id: one.getQuotaInformation().quota['compute']
                  for one in adapter.listInstances()}
seen['resources'] = resources()
for made in seen['made'].values():
    if 'id' in made:
        finish(adapter.getDeleteStateMachine(made['id'], log))
# What a failed machine has left, as the launcher does it: until nothing is left.
for _ in range(3):
    forget()
    for resource in adapter.listResources():
        if resource.metadata.get('nodepool_node_id') is None:
            continue
        try:
            adapter.deleteResource(resource)
        except azul.AzureError as error:
            seen.setdefault('refused', []).append([resource.type, error.error_code])
    time.sleep(0.5)
seen['left'] = resources()
adapter.deleteImage('uploaded')
adapter._getImage.cache_clear()
seen['image'] = image_error()
print(json.dumps(seen, default=str))
