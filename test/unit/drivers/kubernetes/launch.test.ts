import assert from 'node:assert/strict';

import { KINDS } from '../../../../fixtures/kube-cloud/kinds.ts';
import { hasLabel } from '../../../../shared/base/errors.ts';
import { closeScenes, NODE } from '../pods/scene.ts';
import { NAMESPACE, openKubernetes as open, rejection, section } from './scene.ts';

describe('kubernetes: a launch', () => {
  afterEach(closeScenes);

  it('of a pod ends with what the node’s record needs', async () => {
    const scene = await open();
    const { connectionPort, ...instance } = await scene.launch('pod');
    assert.deepEqual(instance, {
      externalId: NAMESPACE,
      interfaceIp: 'pod',
      hostId: 'node-1',
      username: null,
      cloud: 'ours',
      resources: { instances: 1, cores: 1, ram: 0 },
      pythonPath: 'auto',
      shellType: 'cmd',
      connectionType: 'kubectl',
    });
    assert.ok(typeof connectionPort === 'object');
    const { token, ca_crt: caCrt, ...connection } = connectionPort;
    assert.deepEqual(connection, {
      ...{ name: NAMESPACE, namespace: NAMESPACE, host: 'https://cluster.example' },
      ...{ skiptls: false, user: 'zuul-worker', pod: 'pod' },
    });
    const user = scene.cloud.access.userOf(`Bearer ${String(token)}`);
    assert.equal(user.name, `system:serviceaccount:${NAMESPACE}:zuul-worker`);
    assert.equal(Buffer.from(String(caCrt), 'base64').toString(), scene.cloud.authority);
  });

  it('of a namespace makes no pod, and gives Zuul more rights', async () => {
    const scene = await open();
    const { connectionPort, ...instance } = await scene.launch('space');
    assert.deepEqual(instance, {
      externalId: NAMESPACE,
      interfaceIp: null,
      hostId: null,
      username: null,
      cloud: 'ours',
      resources: { instances: 1, cores: 0, ram: 0 },
      pythonPath: '/py',
      shellType: null,
      connectionType: 'namespace',
    });
    assert.ok(typeof connectionPort === 'object' && !('pod' in connectionPort));
    assert.equal(scene.cloud.counts.pods, 0);
    const { store } = scene.cloud;
    const names = (kind: (typeof KINDS)['roles']) =>
      store.list(kind, NAMESPACE).map(({ metadata }) => metadata.name);
    assert.deepEqual(names(KINDS.roles), ['zuul']);
    assert.deepEqual(names(KINDS.rolebindings), ['zuul-role']);
  });

  it('says no cloud where the configuration names no context', async () => {
    const scene = await open({}, { section: section('') });
    assert.equal((await scene.launch('space')).cloud, null);
  });

  it('labels namespace and pod', async () => {
    const scene = await open();
    await scene.launch('pod');
    const [namespace] = scene.cloud.namespaces();
    const [pod] = scene.cloud.podsOf(NAMESPACE);
    const labels = {
      ...{ nodepool_node_id: NODE, nodepool_pool_name: 'main', nodepool_provider_name: 'kube' },
      nodepool_node_label: 'pod',
    };
    assert.deepEqual(pod?.metadata.labels, labels);
    const { 'kubernetes.io/metadata.name': own, ...ours } = namespace?.metadata.labels ?? {};
    assert.deepEqual(ours, labels);
    assert.ok(own === undefined || own === NAMESPACE);
    assert.deepEqual(scene.cloud.warnings, []);
  });

  it('waits for token and pod at the same time', async () => {
    const scene = await open({ tokenSeconds: 4, createSeconds: 4 });
    const began = scene.clock.monotonic();
    await scene.launch('pod');
    const seconds = (scene.clock.monotonic() - began) / 1000;
    assert.ok(seconds >= 4 && seconds < 6, String(seconds));
  });

  it('needs six calls where it watches already', async () => {
    const scene = await open({ ownSeconds: 0 });
    await scene.launch('pod', { nodeId: '0000000009' });
    const before = scene.cloud.calls.length;
    await scene.launch('pod');
    assert.deepEqual(scene.cloud.calls.slice(before).toSorted(), [
      ...['POST namespaces', 'POST pods', 'POST rolebindings', 'POST roles', 'POST secrets'],
      'POST serviceaccounts',
    ]);
  });

  it('waits for the namespace’s own account', async () => {
    const scene = await open({ ownSeconds: 3 });
    assert.equal((await scene.launch('pod')).interfaceIp, 'pod');
    assert.ok(scene.cloud.calls.filter((call) => call === 'POST pods').length > 1);
  });

  it('is not held up by watches that fall silent', async () => {
    const scene = await open();
    for (const call of ['WATCH secrets', 'WATCH pods'])
      scene.cloud.arm({ call, mode: 'silent', times: 1 });
    const began = scene.clock.monotonic();
    await scene.launch('pod');
    assert.ok(scene.clock.monotonic() - began < 40_000);
  });

  it('fails where no token comes within half a minute', async () => {
    const scene = await open();
    scene.cloud.holdTokens();
    const began = scene.clock.monotonic();
    const error = await rejection(scene.launch('space'));
    assert.match(error.message, /no token for service account zuul-worker within 30 s/);
    assert.ok(hasLabel(error, 'retryable'));
    assert.ok(scene.clock.monotonic() - began < 40_000);
  });
});

describe('kubernetes: a launch with tight rights', () => {
  afterEach(closeScenes);

  const forbidden = [
    ['watch', 'pods'],
    ['watch', 'secrets'],
    ['watch', 'namespaces'],
    ['list', 'pods'],
    ['list', 'secrets'],
  ] as const;

  it('needs no more than Python Nodepool’s driver', async () => {
    const scene = await open();
    for (const [verb, key] of forbidden) scene.cloud.access.forbid(verb, key);
    const { externalId } = await scene.launch('pod');
    await scene.delete(externalId);
    assert.deepEqual(scene.cloud.counts, { namespaces: 0, pods: 0 });
    const kinds = scene.warnings.map(({ fields }) => fields?.kind ?? fields?.what);
    assert.ok(kinds.includes('pods') && kinds.includes('secrets'), String(kinds));
  });

  it('says so once, and does not ask again for ten minutes', async () => {
    const scene = await open();
    for (const [verb, key] of forbidden) scene.cloud.access.forbid(verb, key);
    await scene.launch('pod');
    const { length } = scene.warnings;
    const before = scene.cloud.calls.length;
    await scene.launch('pod', { nodeId: '0000000002' });
    assert.equal(scene.warnings.length, length);
    assert.ok(!scene.cloud.calls.slice(before).some((call) => call === 'GET pods'));
    await scene.clock.advance(600_000);
    await scene.launch('pod', { nodeId: '0000000004' });
    assert.equal(scene.warnings.length, length);
    await scene.clock.advance(600_000);
    scene.cloud.access.allowAll();
    const later = scene.cloud.calls.length;
    await scene.launch('pod', { nodeId: '0000000003' });
    assert.ok(scene.cloud.calls.slice(later).includes('GET pods'));
  });

  it('starts where not even namespaces may be listed', async () => {
    const scene = await open(
      {},
      {
        prepare: ({ access }) => {
          access.forbid('list', 'namespaces');
        },
      },
    );
    const { externalId } = await scene.launch('space');
    await scene.delete(externalId);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });
});
