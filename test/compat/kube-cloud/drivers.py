"""Python Nodepool's own drivers of clusters, taken through the life of some nodes.

Argument: a configuration file with providers `cluster`, `projects` and `pods`. Each label is made and
deleted. Prints what the drivers have seen, as JSON.
"""
import json
import logging
import sys
import time
from types import SimpleNamespace

logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)

from nodepool import config as nodepool_config  # noqa: E402
from nodepool.driver.kubernetes.provider import KubernetesProvider  # noqa: E402
from nodepool.driver.openshift.provider import OpenshiftProvider  # noqa: E402
from nodepool.driver.openshiftpods.provider import OpenshiftPodsProvider  # noqa: E402

# They look once a second.
SLEEP = time.sleep
time.sleep = lambda seconds: SLEEP(seconds / 20)

config = nodepool_config.loadConfig(sys.argv[1])
request = SimpleNamespace(getSafeAttributes=lambda: SimpleNamespace(tenant_name='red'))
numbers = iter(range(100, 1000))


def node():
    return SimpleNamespace(id='%010d' % next(numbers), external_id=None, host_id=None)


def labels(provider):
    for pool in provider.provider.pools.values():
        for label in pool.labels.values():
            yield pool, label


def attempt(work):
    try:
        return work()
    except Exception as error:
        return dict(error=type(error).__name__, status=getattr(error, 'status', None),
                    body=str(getattr(error, 'body', error)))


def until_gone(provider, external_id):
    provider.cleanupNode(external_id)
    provider.waitForNodeCleanup(external_id)
    return external_id not in [one.id for one in provider.listNodes()]


def open_provider(kind, name):
    provider = kind(config.providers[name])
    provider.start(None)
    assert provider.ready
    return provider


def listed(provider):
    return {one.id: dict(one.metadata) for one in provider.listNodes()}


def of_kubernetes():
    provider = open_provider(KubernetesProvider, 'cluster')
    made = {}
    for pool, label in labels(provider):
        one = node()

        def make():
            create = provider.createNamespace if label.type == 'namespace' else provider.createPod
            resource = create(one, pool.name, label, request)
            return dict(resource=resource, id=one.external_id, host=one.host_id)
        made[label.name] = dict(attempt(make), id=one.external_id)
    seen = dict(made=made, listed=listed(provider))
    again = SimpleNamespace(id='%010d' % 100, external_id=None)
    pool, label = next(labels(provider))
    seen['again'] = attempt(lambda: provider.createNamespace(again, pool.name, label, request))
    provider._zk = SimpleNamespace(getNode=lambda number: None if number == '9999999999' else number)
    provider.cleanupLeakedResources()
    SLEEP(0.5)
    seen['left'] = sorted(listed(provider))
    seen['gone'] = [until_gone(provider, one['id']) for one in made.values() if one['id']]
    return seen


def of_openshift():
    provider = open_provider(OpenshiftProvider, 'projects')
    made = {}
    for pool, label in labels(provider):
        one = node()
        name = '%s-%s' % (pool.name, one.id)

        def make():
            provider.createProject(one, pool.name, name, label, request)
            resource = provider.prepareProject(name)
            if label.type == 'pod':
                provider.createPod(one, pool.name, name, label.name, label, request)
                resource['host'] = provider.waitForPod(name, label.name)
            return dict(resource=resource)
        made[label.name] = dict(attempt(make), id=name)
    seen = dict(made=made, listed=listed(provider))
    seen['gone'] = [until_gone(provider, one['id']) for one in made.values()]
    return seen


def of_openshiftpods():
    provider = open_provider(OpenshiftPodsProvider, 'pods')
    made = {}
    for pool, label in labels(provider):
        one = node()
        name = '%s-%s' % (label.name, one.id)

        def make():
            provider.createPod(one, pool.name, pool.name, name, label, request)
            return dict(host=provider.waitForPod(pool.name, name))
        made[label.name] = dict(attempt(make), id='%s-%s' % (pool.name, name))
    seen = dict(made=made, listed=listed(provider), token=provider.token, ca=provider.ca_crt)
    seen['gone'] = [until_gone(provider, one['id']) for one in made.values()]
    return seen


print(json.dumps(dict(kubernetes=of_kubernetes(), openshift=of_openshift(),
                      openshiftpods=of_openshiftpods()), default=str))
