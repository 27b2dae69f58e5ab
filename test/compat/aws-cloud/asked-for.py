"""What Python Nodepool's own AWS adapter asks for to make the instances of labels.

Argument: a configuration file with one provider. Prints the parameters of its calls, by label, as JSON;
nothing is made.
"""
import json
import logging
import sys
from types import SimpleNamespace

logging.basicConfig(level=logging.ERROR, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.aws import adapter as aws  # noqa: E402

provider = list(nodepool_config.loadConfig(sys.argv[1]).providers.values())[0]
adapter = aws.AwsAdapter(provider)
log = logging.getLogger('asked-for')


class Asked(Exception):
    pass


class Request:
    def getSafeAttributes(self):
        return SimpleNamespace(requestor='test', tenant_name=None)


def asking(**parameters):
    raise Asked(parameters)


adapter.ec2_client.run_instances = asking
adapter.ec2_client.create_fleet = asking
adapter.ec2_client.allocate_hosts = asking


def asked(work, *args):
    try:
        work(*args, log)
    except Asked as told:
        return told.args[0]


def asked_for(label, pool):
    metadata = dict(nodepool_node_id='0000000001', nodepool_pool_name=pool.name,
                    nodepool_provider_name=provider.name)
    machine = adapter.getCreateStateMachine(
        'np0000000001', label, None, metadata, Request(), None, log)
    image = adapter._getImageId(label.cloud_image)
    if label.fleet:
        return dict(fleet=asked(
            adapter._createFleet, label, image, machine.tags, 'np0000000001'))
    host = 'h-0123456789abcdef0' if label.dedicated_host else None
    told = dict(instance=asked(
        adapter._runInstance, label, image, machine.tags, 'np0000000001', host))
    if host:
        told['host'] = asked(adapter._allocateHost, label, machine.tags, 'np0000000001')
    return told


print(json.dumps({label.name: asked_for(label, pool)
                  for pool in provider.pools.values() for label in pool.labels.values()}))
adapter.stop()
