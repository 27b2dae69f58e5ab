import assert from 'node:assert/strict';

import { KINDS } from '../../../../fixtures/kube-cloud/kinds.ts';
import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import { closeScenes } from '../pods/scene.ts';
import { NAMESPACE, openKubernetes as open, rejection, section } from './scene.ts';

describe('kubernetes: a name that is taken', () => {
  afterEach(closeScenes);

  it('by an earlier try of the same node is gone on with', async () => {
    const scene = await open();
    scene.cloud.arm({ call: 'POST namespaces', mode: 'lose', times: 1 });
    scene.cloud.arm({ call: 'POST pods', mode: 'lose', times: 1 });
    assert.equal((await scene.launch('pod')).externalId, NAMESPACE);
    assert.deepEqual(scene.cloud.counts, { namespaces: 1, pods: 1 });
  });

  it('by a pod of an earlier try that no watch shows yet is gone on with', async () => {
    const scene = await open({ watchLagSeconds: 3 });
    await scene.launch('pod', { nodeId: '0000000002' });
    scene.cloud.arm({ call: 'POST pods', mode: 'lose', times: 1 });
    assert.equal((await scene.launch('pod')).interfaceIp, 'pod');
  });

  it('by a namespace on its way out is waited for', async () => {
    const scene = await open();
    scene.cloud.plant.namespace({ name: NAMESPACE, labels: { somebody: 'else' } });
    scene.cloud.hold('delete');
    scene.cloud.deleteNamespace(NAMESPACE);
    const launching = scene.begin('space');
    await scene.clock.advance(30_000);
    assert.equal(scene.cloud.counts.namespaces, 1);
    scene.cloud.release('delete');
    assert.equal((await scene.settle(launching)).externalId, NAMESPACE);
  });

  it('by somebody else is an error, and is never deleted', async () => {
    const scene = await open();
    scene.cloud.plant.namespace({ name: NAMESPACE, labels: { nodepool_provider_name: 'other' } });
    const error = await rejection(scene.launch('space'));
    assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
    assert.match(error.message, /not of provider kube, but of other/);
    await scene.delete(NAMESPACE);
    assert.equal(scene.cloud.counts.namespaces, 1);
    assert.deepEqual(
      scene.warnings.map(({ message }) => message),
      ['namespace not deleted: it is not of this node'],
    );
  });
});

describe('kubernetes: a pod that does not come up', () => {
  afterEach(closeScenes);

  it('whose image cannot be pulled is given up after a minute', async () => {
    const scene = await open();
    scene.cloud.pods.imageTroubles.set('debian', 'ErrImagePull');
    const began = scene.clock.monotonic();
    const error = await rejection(scene.launch('pod'));
    assert.match(error.message, /pod pod does not run after 60 s: .*Pull/);
    assert.ok(hasCode(error, 'NP_CLOUD_TRANSIENT'));
    const seconds = (scene.clock.monotonic() - began) / 1000;
    assert.ok(seconds >= 60 && seconds < 65, String(seconds));
  });

  it('whose image comes after some tries has its time from then on', async () => {
    const scene = await open({ createSeconds: 10 });
    scene.cloud.pods.imageTroubles.set('debian', 'ErrImagePull');
    const launching = scene.begin('pod');
    const become = (status: object): void => {
      scene.cloud.store.update(KINDS.pods, { namespace: NAMESPACE, name: 'pod' }, (pod) => ({
        ...pod,
        status,
      }));
    };
    await scene.clock.advance(60_000);
    become({ phase: 'Pending' });
    await scene.clock.advance(200_000);
    become({ phase: 'Running' });
    assert.equal((await scene.settle(launching)).interfaceIp, 'pod');
  });

  it('whose image is no image is an error of the configuration, at once', async () => {
    const scene = await open({}, { section: section('context: ours', '"Not An Image"') });
    const began = scene.clock.monotonic();
    assert.ok(hasCode(await rejection(scene.launch('pod')), 'NP_CLOUD_FATAL'));
    assert.ok(scene.clock.monotonic() - began < 10_000);
  });

  it('finds no place is capacity after 300 s, in the scheduler’s words', async () => {
    const scene = await open();
    scene.cloud.pods.nodes = [];
    const began = scene.clock.monotonic();
    const error = await rejection(scene.launch('pod'));
    assert.ok(hasCode(error, 'NP_CLOUD_CAPACITY') && hasLabel(error, 'capacity'));
    assert.match(error.message, /after 300 s: no nodes available|after 300 s: 0\/0 nodes/);
    assert.ok(scene.clock.monotonic() - began < 310_000);
  });

  it('ends, or is deleted by somebody, is an attempt', async () => {
    const scene = await open({ createSeconds: 20 });
    const key = { namespace: NAMESPACE, name: 'pod' };
    const evicted = scene.begin('pod');
    await scene.clock.advance(10_000);
    scene.cloud.pods.fail(key);
    assert.match((await rejection(scene.settle(evicted))).message, /Evicted/);
    await scene.delete(NAMESPACE);
    const deleted = scene.begin('pod');
    await scene.clock.advance(10_000);
    scene.cloud.vanish(NAMESPACE, 'pod');
    const error = await rejection(scene.settle(deleted));
    assert.match(error.message, /deleted by somebody else/);
    assert.ok(hasLabel(error, 'retryable'));
  });
});
