import assert from 'node:assert/strict';

import type { KubeCloud } from '../../../../fixtures/kube-cloud/cloud.ts';
import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import { createOpenshiftPodsDriver } from '../../../../shared/drivers/openshiftpods/driver.ts';
import { closeScenes, NODE, openScene, type Scene, type SceneOptions } from '../pods/scene.ts';

const section = (pools = ['main']): string => `
name: shift
driver: openshiftpods
context: ours
pools:
${pools.map((pool) => `  - {name: ${pool}, labels: [{name: ${pool === 'a' ? 'b-small' : 'small'}, image: debian, cpu: 1}]}`).join('\n')}
`;

const open = (pools?: readonly string[], rest: Partial<SceneOptions> = {}): Promise<Scene> =>
  openScene({
    create: createOpenshiftPodsDriver,
    section: section([...(pools ?? ['main'])]),
    cloud: { openShift: {} },
    prepare: (cloud: KubeCloud) => {
      for (const name of pools ?? ['main']) cloud.plant.namespace({ name });
    },
    ...rest,
  });

const never = (): AbortSignal => new AbortController().signal;
const ID = `main-small-${NODE}`;
const POD = `small-${NODE}`;
const labels = { nodepool_provider_name: 'shift', nodepool_node_id: NODE };

describe('openshiftpods: a launch', () => {
  afterEach(closeScenes);

  it('ends with what the node’s record needs, with our own token', async () => {
    const scene = await open();
    const instance = await scene.launch('small');
    assert.deepEqual(instance, {
      externalId: ID,
      interfaceIp: POD,
      hostId: 'node-1',
      username: null,
      cloud: 'ours',
      resources: { instances: 1, cores: 1, ram: 0 },
      pythonPath: 'auto',
      shellType: null,
      connectionType: 'kubectl',
      connectionPort: {
        pod: POD,
        namespace: 'main',
        host: 'https://cluster.example',
        ca_crt: Buffer.from(scene.cloud.authority).toString('base64'),
        skiptls: false,
        token: scene.cloud.access.token,
        user: 'zuul-worker',
      },
    });
  });

  it('takes two calls where it watches already', async () => {
    const scene = await open();
    await scene.launch('small', { nodeId: '0000000009' });
    const before = scene.cloud.calls.length;
    await scene.launch('small');
    assert.deepEqual(scene.cloud.calls.slice(before), ['POST pods']);
    await scene.delete(ID);
    assert.deepEqual(scene.cloud.calls.slice(before + 1), ['GET pods/*', 'DELETE pods/*']);
  });

  it('needs no more rights than Python Nodepool’s driver', async () => {
    const scene = await open();
    for (const verb of ['list', 'watch'] as const) scene.cloud.access.forbid(verb, 'pods');
    const { externalId } = await scene.launch('small');
    await scene.delete(externalId);
    assert.equal(scene.cloud.counts.pods, 0);
  });

  it('goes on with its own pod, and leaves somebody else’s alone', async () => {
    const scene = await open();
    scene.cloud.arm({ call: 'POST pods', mode: 'lose', times: 1 });
    assert.equal((await scene.launch('small')).externalId, ID);
    assert.equal(scene.cloud.counts.pods, 1);
    const name = 'small-0000000002';
    scene.cloud.plant.pod('main', { name, labels: { nodepool_provider_name: 'other' } });
    await assert.rejects(scene.launch('small', { nodeId: '0000000002' }), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    await scene.delete(`main-${name}`, '0000000002');
    assert.equal(scene.cloud.counts.pods, 2);
  });

  it('waits for a pod of the name that goes', async () => {
    const scene = await open();
    await scene.launch('small');
    scene.cloud.hold('delete');
    const target = { externalId: ID, nodeId: NODE, driverData: null };
    const deleting = scene.provider.delete(target, never());
    await scene.clock.advance(5000);
    const launching = scene.begin('small');
    await scene.clock.advance(5000);
    scene.cloud.release('delete');
    await scene.settle(deleting);
    assert.equal((await scene.settle(launching)).externalId, ID);
    assert.equal(scene.cloud.counts.pods, 1);
  });

  it('is refused as quota where the project is full', async () => {
    const scene = await open();
    scene.cloud.plant.quota('main', { pods: '1' });
    await scene.launch('small');
    await assert.rejects(scene.launch('small', { nodeId: '0000000002' }), (error) =>
      hasLabel(error, 'quota'),
    );
  });
});

describe('openshiftpods: a start', () => {
  afterEach(closeScenes);

  it('is refused where there is no token that Zuul could use', async () => {
    const kubeconfig = (text: string): string => {
      const { users, ...rest } = JSON.parse(text) as { users: { user: object }[] };
      return JSON.stringify({
        ...rest,
        users: users.map((one) => ({ ...one, user: { username: 'us', password: 'secret' } })),
      });
    };
    await assert.rejects(open(['main'], { kubeconfig }), (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match((error as Error).message, /no token lets us into https:\/\/cluster.example/);
      return true;
    });
  });
});

describe('openshiftpods: pools of which one’s name begins with the other', () => {
  afterEach(closeScenes);

  it('have their pods deleted where they are', async () => {
    const scene = await open(['a', 'a-b']);
    const first = await scene.launch('b-small');
    const second = await scene.launch('small', { nodeId: '0000000002' });
    assert.deepEqual(
      [first.externalId, second.externalId],
      [`a-b-small-${NODE}`, 'a-b-small-0000000002'],
    );
    await scene.delete(second.externalId, '0000000002');
    assert.deepEqual(scene.cloud.podsOf('a').length, 1);
    assert.deepEqual(scene.cloud.podsOf('a-b').length, 0);
    await scene.delete(first.externalId);
    assert.equal(scene.cloud.counts.pods, 0);
  });

  it('are found also after the pool has left the configuration', async () => {
    const scene = await open(['main']);
    scene.cloud.plant.namespace({ name: 'old-pool' });
    scene.cloud.plant.pod('old-pool', { name: POD, labels });
    await scene.delete(`old-pool-${POD}`);
    assert.equal(scene.cloud.counts.pods, 0);
  });
});

describe('openshiftpods: what projects hold', () => {
  afterEach(closeScenes);

  it('is listed with what it takes, others’ too, but not what has ended', async () => {
    const scene = await open();
    await scene.launch('small');
    scene.cloud.plant.pod('main', { name: 'somebodys' });
    scene.cloud.plant.pod('main', { name: 'over' });
    scene.cloud.pods.fail({ namespace: 'main', name: 'over' });
    const listed = await scene.settle(scene.provider.listInstances(never()));
    assert.deepEqual(
      listed.map(({ externalId, resources }) => [externalId, resources]),
      [
        [ID, { instances: 1, cores: 1 }],
        ['main-somebodys', { instances: 1 }],
      ],
    );
  });

  it('has the limits of its quotas, as far as they may be read', async () => {
    const scene = await open();
    scene.cloud.plant.quota('main', { pods: '7', 'requests.memory': '1Gi' });
    const limits = () => scene.settle(scene.provider.quotaLimits(never()));
    assert.deepEqual(await limits(), { instances: 7, ram: 1024 });
    scene.cloud.access.forbid('list', 'resourcequotas');
    assert.deepEqual(await limits(), {});
    assert.deepEqual(await limits(), {});
    assert.equal(scene.warnings.length, 1);
  });

  it('are leaks where labels and name say so', async () => {
    const scene = await open();
    scene.cloud.plant.pod('main', { name: `${POD}-2`, labels });
    scene.cloud.plant.pod('main', { name: 'somebodys', labels });
    const { leaks } = scene.provider;
    assert.ok(leaks);
    const [leak, ...others] = await scene.settle(leaks.list(never()));
    assert.deepEqual(others, []);
    assert.deepEqual(
      [leak?.kind, leak?.id, leak?.externalId],
      ['nodes', `main/${POD}-2`, `${ID}-2`],
    );
    assert.ok(leak);
    const ofOthers = { ...leak, metadata: { ...leak.metadata, nodepool_node_id: '0000000002' } };
    await scene.settle(leaks.delete(ofOthers, never()));
    assert.equal(scene.cloud.counts.pods, 2);
    await scene.settle(leaks.delete(leak, never()));
    await scene.settle(leaks.delete(leak, never()));
    assert.equal(scene.cloud.counts.pods, 1);
  });
});
