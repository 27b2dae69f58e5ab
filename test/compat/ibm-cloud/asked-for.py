"""What Python Nodepool's own adapter for IBM VPC asks for to make the instances of labels, and an image.

Arguments: a configuration file with one provider, the address of the cloud, and a file to upload. The
cloud remembers what it was asked for. Prints what the adapter tells of each instance, as JSON.
"""
import json
import sys

from python_adapter import create, delete, labels, provider, start

# The groups that it makes itself it has no names of.
start()
adapter = start()
image = adapter.uploadImage(
    list(provider.diskimages.values())[0], 'npimage0000000007', sys.argv[3], 'qcow2', {}, None, None)
told = {}
for number, name in enumerate(sorted(labels), 1):
    label = labels[name]
    told[name] = create(adapter, label, number, image if label.diskimage else None)
    delete(adapter, number)
print(json.dumps(told))
