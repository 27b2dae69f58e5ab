"""What Python Nodepool's own AWS adapter says of quota: of the account, of labels, of instances.

Argument: a configuration file with one provider. Prints it as JSON.
"""
import json
import logging
import math
import sys

logging.basicConfig(level=logging.ERROR, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.aws import adapter as aws  # noqa: E402

provider = list(nodepool_config.loadConfig(sys.argv[1]).providers.values())[0]
adapter = aws.AwsAdapter(provider)


def finite(quota):
    return {key: value for key, value in quota.quota['compute'].items() if value != math.inf}


labels = [label for pool in provider.pools.values() for label in pool.labels.values()]
print(json.dumps(dict(
    limits=finite(adapter.getQuotaLimits()),
    needs={label.name: finite(adapter.getQuotaForLabel(label)) for label in labels},
    instances={one.external_id['instance']: finite(one.getQuotaInformation())
               for one in adapter.listInstances()},
)))
adapter.stop()
