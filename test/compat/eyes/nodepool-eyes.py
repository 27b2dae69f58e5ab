"""What Python Nodepool's own classes make of the znodes of a launcher: the records as it would write
them again, and its registry of components.

Argument: a nodepool.yaml. Prints one JSON object.
"""
import json
import logging
import sys

from nodepool import config as nodepool_config
from nodepool.zk import ZooKeeperClient, zookeeper
from nodepool.zk.components import COMPONENT_REGISTRY

logging.basicConfig(stream=sys.stderr, level=logging.ERROR)


def by_pool(content):
    return [content.get('provider_name') or '', content.get('name') or '']


def main():
    config = nodepool_config.loadConfig(sys.argv[1])
    client = ZooKeeperClient(config.zookeeper_servers, tls_cert=config.zookeeper_tls_cert,
                             tls_key=config.zookeeper_tls_key, tls_ca=config.zookeeper_tls_ca,
                             timeout=config.zookeeper_timeout)
    client.connect()
    store = zookeeper.ZooKeeper(client, enable_cache=False)
    registry = COMPONENT_REGISTRY.create(client)
    print(json.dumps({
        'components': {kind: sorted((one.content for one in components), key=by_pool)
                       for kind, components in registry.all()},
        'nodes': {node.id: node.toDict() for node in store.nodeIterator()},
        'requests': {one.id: one.toDict() for one in store.nodeRequestIterator()},
    }))
    store.disconnect()


main()
