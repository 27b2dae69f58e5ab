"""Python Nodepool's own adapter for IBM VPC, led to a cloud of ours. The addresses of IBM are fixed in it
and in the libraries.
"""
import functools
import logging
import sys
import time

logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

from ibm_cloud_sdk_core import BaseService  # noqa: E402
from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.ibmvpc import adapter as ibmvpc  # noqa: E402

PATIENCE_SECONDS = 60
# The last version in which an interface has the property that the adapter looks at.
OLD_VERSION = '2022-03-28'
CONFIG, ORIGIN = sys.argv[1:3]
log = logging.getLogger('adapter')

ibmvpc.VpcV1.set_service_url = lambda self, url: BaseService.set_service_url(self, ORIGIN + '/v1')
for service in (ibmvpc.ResourceManagerV2, ibmvpc.ResourceControllerV2):
    service.DEFAULT_SERVICE_URL = ORIGIN
ibmvpc.ibm_boto3.client = functools.partial(
    ibmvpc.ibm_boto3.client, ibm_auth_endpoint=ORIGIN + '/identity/token')
ibmvpc.IBMVPCAdapter.IMAGE_UPLOAD_SLEEP = 0.2
CurrentVpc = ibmvpc.VpcV1

provider = list(nodepool_config.loadConfig(CONFIG).providers.values())[0]
labels = {name: label for pool in provider.pools.values() for name, label in pool.labels.items()}


def start(version=OLD_VERSION):
    """None: the version that the library has of itself."""
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


def create(adapter, label, number, image=None):
    made = finish(adapter.getCreateStateMachine(
        'np%010d' % number, label, image, dict(nodepool_node_id=str(number)), None, None, log))
    return dict(id=made.external_id, interface=made.interface_ip, public=made.public_ipv4,
                private=made.private_ipv4, region=made.region, az=made.az, cloud=made.cloud,
                metadata=made.metadata)


def delete(adapter, number):
    finish(adapter.getDeleteStateMachine('np%010d' % number, log))
