import assert from 'node:assert/strict';

import { KINDS } from '../../../../fixtures/kube-cloud/kinds.ts';
import { createKubernetesDriver } from '../../../../shared/drivers/kubernetes/driver.ts';
import { closeScenes, NODE, openScene, type Scene } from '../pods/scene.ts';

const NAMESPACE = `main-${NODE}`;

const section = `
name: kube
driver: kubernetes
context: ours
pools:
  - {name: main, labels: [{name: pod, type: pod, image: debian}, {name: space, type: namespace}]}
`;

const open = (): Promise<Scene> =>
  openScene({ create: createKubernetesDriver, section, cloud: { deleteSeconds: 5 } });

const labels = { nodepool_provider_name: 'kube', nodepool_node_id: NODE };

describe('kubernetes: a deletion', () => {
  afterEach(closeScenes);

  it('takes the namespace with all that is in it', async () => {
    const scene = await open();
    const { externalId } = await scene.launch('pod');
    await scene.delete(externalId);
    assert.deepEqual(scene.cloud.counts, { namespaces: 0, pods: 0 });
    assert.deepEqual(scene.cloud.store.list(KINDS.secrets, NAMESPACE), []);
  });

  it('asks of many with one watch', async () => {
    const scene = await open();
    const ids = Array.from({ length: 20 }, (_, index) => String(index + 1).padStart(10, '0'));
    for (const nodeId of ids) await scene.launch('space', { nodeId });
    const before = scene.cloud.calls.length;
    await Promise.all(ids.map((nodeId) => scene.delete(`main-${nodeId}`, nodeId)));
    const calls = scene.cloud.calls.slice(before);
    const countOf = (name: string): number => calls.filter((call) => call === name).length;
    assert.equal(countOf('GET namespaces/*'), 20);
    assert.equal(countOf('DELETE namespaces/*'), 20);
    assert.ok(calls.length <= 42, calls.join());
  });

  it('asks for nothing where the namespace goes already, and waits', async () => {
    const scene = await open();
    await scene.launch('space');
    scene.cloud.deleteNamespace(NAMESPACE);
    await scene.delete(NAMESPACE);
    assert.ok(!scene.cloud.calls.includes('DELETE namespaces/*'));
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('is done where another namespace has the name by then', async () => {
    const scene = await open();
    await scene.launch('space');
    for (const verb of ['list', 'watch'] as const) scene.cloud.access.forbid(verb, 'namespaces');
    scene.cloud.hold('delete');
    const target = { externalId: NAMESPACE, nodeId: NODE, driverData: null };
    const deleting = scene.provider.delete(target, new AbortController().signal);
    await scene.clock.advance(10_000);
    scene.cloud.vanish(NAMESPACE);
    scene.cloud.plant.namespace({ name: NAMESPACE, labels });
    await scene.settle(deleting);
    assert.equal(scene.cloud.counts.namespaces, 1);
  });

  it('fails where Kubernetes refuses it, for the launcher to try again', async () => {
    const scene = await open();
    await scene.launch('space');
    scene.cloud.arm({ call: 'DELETE namespaces/*', mode: 'fail', times: 3 });
    await assert.rejects(scene.delete(NAMESPACE));
    await scene.delete(NAMESPACE);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('that does not come to an end says why, in Kubernetes’ words', async () => {
    const scene = await open();
    scene.cloud.plant.namespace({ name: NAMESPACE, labels });
    scene.cloud.plant.pod(NAMESPACE, { name: 'stays', finalizers: ['somebody/waits'] });
    const controller = new AbortController();
    const target = { externalId: NAMESPACE, nodeId: NODE, driverData: null };
    const deleting = assert.rejects(scene.provider.delete(target, controller.signal));
    await scene.clock.advance(60_000);
    controller.abort(new Error('no end of its deletion'));
    await deleting;
    const [warning] = scene.warnings;
    assert.equal(warning?.message, 'a namespace does not go');
    assert.match(JSON.stringify(warning.fields), /resources are remaining: pods/);
    scene.cloud.plant.finish(NAMESPACE, 'stays');
    await scene.delete(NAMESPACE);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('leaves a namespace alone that is of another node', async () => {
    const scene = await open();
    const other = { ...labels, nodepool_node_id: '0000000002' };
    for (const [name, given] of [
      [NAMESPACE, other],
      ['somebodys', {}],
    ] as const) {
      scene.cloud.plant.namespace({ name, labels: given });
      await scene.delete(name);
    }
    assert.equal(scene.cloud.counts.namespaces, 2);
  });
});

describe('kubernetes: leaks', () => {
  afterEach(closeScenes);

  const leaksOf = async (scene: Scene) => {
    const { leaks } = scene.provider;
    assert.ok(leaks);
    return scene.settle(leaks.list(new AbortController().signal));
  };

  it('are namespaces that have our labels and are named so', async () => {
    const scene = await open();
    scene.cloud.plant.namespace({ name: `gone-pool-${NODE}-2`, labels });
    scene.cloud.plant.namespace({ name: 'production', labels });
    scene.cloud.plant.namespace({ name: 'main-0000000003' });
    const [leak, ...others] = await leaksOf(scene);
    assert.deepEqual(others, []);
    const id = `gone-pool-${NODE}-2`;
    assert.equal(leak?.kind, 'nodes');
    assert.deepEqual([leak.id, leak.externalId], [id, id]);
    assert.equal(leak.metadata.nodepool_node_id, NODE);
  });

  it('are not those that go already', async () => {
    const scene = await open();
    scene.cloud.plant.namespace({ name: NAMESPACE, labels });
    scene.cloud.hold('delete');
    scene.cloud.deleteNamespace(NAMESPACE);
    assert.deepEqual(await leaksOf(scene), []);
  });

  it('are none where namespaces may not be listed, which is said once', async () => {
    const scene = await open();
    scene.cloud.access.forbid('list', 'namespaces');
    assert.deepEqual(await leaksOf(scene), []);
    assert.deepEqual(await leaksOf(scene), []);
    assert.equal(scene.warnings.length, 1);
  });
});
