"""Python Nodepool's own adapter for IBM VPC, taken through the life of some instances and an image.

Arguments: a configuration file with one provider, the address of the cloud, and a file to upload.
The labels are made one after the other; then all that they made is deleted. Prints what the adapter
has seen, as JSON.
"""
import json
import math
import sys
import time

from ibm_cloud_sdk_core import ApiException
from python_adapter import create, delete, forget, ibmvpc, labels, provider, start

IMAGE = sys.argv[3]


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


def image_of(label):
    return uploaded if label.diskimage else None


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
seen = dict(groupless=life_of(start(), 90))
seen['versionless'] = life_of(start(None), 91)

adapter = start()
uploaded = adapter.uploadImage(
    provider.diskimages['own'], 'npimage0000000007', IMAGE, 'qcow2', {}, None, None)
adapter.cloud_storage.put_object(
    Bucket=provider.object_storage['bucket-name'], Key='npimage0000000008.qcow2', Body=b'left')
adapter = start()
seen.update(
    limits={name: amount for name, amount in adapter.getQuotaLimits().quota['compute'].items()
            if amount != math.inf},
    needs={name: adapter.getQuotaForLabel(label).quota['compute']
           for name, label in labels.items()},
    made={name: attempt(lambda: create(adapter, labels[name], number, image_of(labels[name])))
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
