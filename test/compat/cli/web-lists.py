"""What Python's web server shows of images: its own functions on its own cache.

Argument: a nodepool.yaml. Prints one JSON object of texts by path.
"""
import json
import logging
import sys

from nodepool import config as nodepool_config
from nodepool import status
from nodepool.zk import ZooKeeperClient, zookeeper

logging.basicConfig(stream=sys.stderr, level=logging.ERROR)


def main():
    config = nodepool_config.loadConfig(sys.argv[1])
    client = ZooKeeperClient(config.zookeeper_servers, tls_cert=config.zookeeper_tls_cert,
                             tls_key=config.zookeeper_tls_key, tls_ca=config.zookeeper_tls_ca,
                             timeout=config.zookeeper_timeout)
    client.connect()
    store = zookeeper.ZooKeeper(client, enable_cache=True)
    lists = {'/image-list': status.image_list(store),
             '/dib-image-list': status.dib_image_list(store),
             '/image-status': status.image_status(store)}
    print(json.dumps({path: {shape: status.output(found, shape) for shape in ('pretty', 'json')}
                      for path, found in lists.items()}))
    store.disconnect()


main()
