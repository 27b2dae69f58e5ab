"""What Zuul's own classes make of the znodes of a launcher: each object's attributes.

Argument: host:port/chroot. Prints one JSON object.
"""
import configparser
import json
import logging
import sys
import time

from zuul.lib import tracing
from zuul.zk import ZooKeeperClient
from zuul.zk.nodepool import ZooKeeperNodepool

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)


def attributes(thing):
    return {name: value for name, value in vars(thing).items()
            if name not in ('lock', 'stat', '_keys')}


def main():
    tracing.Tracing(configparser.ConfigParser())
    client = ZooKeeperClient(sys.argv[1], timeout=10)
    client.connect()
    nodepool = ZooKeeperNodepool(client, enable_node_request_cache=True, enable_node_cache=True)
    deadline = time.time() + 20
    while (set(nodepool.getNodes(cached=True)) != set(nodepool.getNodes())
           or set(nodepool.getNodeRequests(cached=True)) != set(nodepool.getNodeRequests())):
        if time.time() > deadline:
            sys.exit("zuul's caches do not show what is there")
        time.sleep(0.05)
    print(json.dumps({
        'launchers': sorted([launcher.id, sorted(launcher.supported_labels)]
                            for launcher in nodepool.getRegisteredLaunchers()),
        'nodes': {node.id: attributes(node) for node in nodepool.nodeIterator(cached=True)},
        'requests': {name: attributes(nodepool.getNodeRequest(name, cached=True))
                     for name in nodepool.getNodeRequests(cached=True)},
    }, default=str))
    client.disconnect()


main()
