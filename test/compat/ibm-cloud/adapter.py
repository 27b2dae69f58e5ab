"""Python Nodepool's own adapter for IBM VPC, taken through the life of some instances and an image.

Arguments: a configuration file with one provider, the address of the cloud, and a file to upload.
The labels are made one after the other; then all that they made is deleted. Prints what the adapter
has seen, as JSON.
"""
import functools
import json
import logging
import math
import sys
import time

logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

from ibm_cloud_sdk_core import ApiException, BaseService  # noqa: E402
from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.ibmvpc import adapter as ibmvpc  # noqa: E402

PATIENCE_SECONDS = 60
CONFIG, ORIGIN, IMAGE = sys.argv[1:]
# The last version in which an interface has the property that the adapter looks at.
OLD_VERSION = '2022-03-28'
log = logging.getLogger('adapter')

# The addresses are fixed in the adapter and the libraries.
ibmvpc.VpcV1.set_service_url = lambda self, url: BaseService.set_service_url(self, ORIGIN + '/v1')
for service in (ibmvpc.ResourceManagerV2, ibmvpc.ResourceControllerV2):
    service.DEFAULT_SERVICE_URL = ORIGIN
ibmvpc.ibm_boto3.client = functools.partial(
    ibmvpc.ibm_boto3.client, ibm_auth_endpoint=ORIGIN + '/identity/token')
ibmvpc.IBMVPCAdapter.IMAGE_UPLOAD_SLEEP = 0.2
CurrentVpc = ibmvpc.VpcV1

provider = list(nodepool_config.loadConfig(CONFIG).providers.values())[0]
labels = {name: label for pool in provider.pools.values() for name, label in pool.labels.items()}


def start(version):
    ibmvpc.VpcV1 = functools.partial(CurrentVpc, version) if version else CurrentVpc
    return ibmvpc.IBMVPCAdapter(provider)


def forget():
    """Its lists are good for ten seconds."""
    for kind in ('FloatingIPs', 'Instances', 'Images'):
        getattr(ibmvpc.IBMVPCAdapter, '_list' + kind).cache_clear()


def finish(machine):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        forget()
        result = machine.advance()
        if machine.complete:
            return result
        time.sleep(0.05)
    raise Exception('no end of %s' % machine.state)


def words_of(error):
    if isinstance(error, ApiException):
        return dict(error=error.http_response.json()['errors'][0]['code'], status=error.code,
                    words=str(error))
    return dict(error=type(error).__name__, words=str(error))


def attempt(work):
    try:
        return work()
    except Exception as error:
        return words_of(error)


def create(adapter, label, number):
    image = uploaded if label.diskimage else None
    tags = dict(nodepool_node_id=str(number))
    made = finish(adapter.getCreateStateMachine(
        'np%010d' % number, label, image, tags, None, None, log))
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, region=made.region, az=made.az, cloud=made.cloud,
                metadata=made.metadata)


def delete(adapter, number):
    finish(adapter.getDeleteStateMachine('np%010d' % number, log))


def resources(adapter):
    forget()
    found = {}
    for one in adapter.listResources():
        found.setdefault(one.type, []).append([one.name, one.metadata])
    return found


def life_of(adapter, number):
    """Of an instance with a public address, as far as the adapter gets."""
    result = attempt(lambda: create(adapter, labels['a-id'], number))
    delete(adapter, number)
    return result


# Where it has made the groups itself it knows no names of them; a second start reads them.
seen = dict(groupless=life_of(start(OLD_VERSION), 90))
seen['versionless'] = life_of(start(None), 91)

adapter = start(OLD_VERSION)
uploaded = adapter.uploadImage(
    provider.diskimages['own'], 'npimage0000000007', IMAGE, 'qcow2', {}, None, None)
adapter.cloud_storage.put_object(
    Bucket=provider.object_storage['bucket-name'], Key='npimage0000000008.qcow2', Body=b'left')
adapter = start(OLD_VERSION)
seen.update(
    limits={name: amount for name, amount in adapter.getQuotaLimits().quota['compute'].items()
            if amount != math.inf},
    needs={name: adapter.getQuotaForLabel(label).quota['compute']
           for name, label in labels.items()},
    made={name: attempt(lambda: create(adapter, labels[name], number))
          for number, name in enumerate(sorted(labels))},
)
forget()
seen['listed'] = {one.external_id: dict(metadata=one.metadata, public=one.public_ipv4,
                                        quota=one.getQuotaInformation().quota['compute'])
                  for one in adapter.listInstances()}
seen['resources'] = resources(adapter)
for number, name in enumerate(sorted(labels)):
    delete(adapter, number)
seen['left'] = resources(adapter)
seen['image'] = attempt(lambda: adapter.deleteImage(uploaded))
for kind in ('floatingip', 'instance', 'object'):
    for one in list(adapter.listResources()):
        if one.type == kind and one.metadata.get('nodepool_provider_name') == provider.name:
            adapter.deleteResource(one)
time.sleep(0.5)
seen['empty'] = attempt(lambda: resources(adapter))
print(json.dumps(seen, default=str))
