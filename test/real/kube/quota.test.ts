/** A request that finds the cluster's quota used up waits and is not failed, and goes on when there is room. */
import assert from 'node:assert/strict';
import { podLabel } from './kinds.ts';
import { LABEL, play, type Scene } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

describe('quota of a real Kubernetes', function () {
  this.timeout(300_000);
  let services: KubeServices;
  let isSkipped = true;
  before(async function () {
    services = await kubeOrSkip(this);
    isSkipped = false;
  });
  afterEach(async () => {
    if (!isSkipped) await services.reviveAll();
  });
  after(stopKube);

  /** One node after the other, though both were asked for at once. */
  async function lendOneByOne(scene: Scene): Promise<void> {
    const first = await scene.lend();
    const second = await scene.zuul.submit([LABEL]);
    await scene.until(async () => {
      assert.equal((await scene.zuul.components('pool'))[0]?.paused, true, 'paused');
    });
    assert.notEqual((await scene.zuul.request(second))?.state, 'failed');
    await scene.giveBack(first);
    await scene.giveBack(await scene.lent(second));
    await scene.untilEmpty();
  }

  for (const rights of ['more', 'pythons'] as const)
    it(`openshiftpods, which ${rights === 'more' ? 'sees' : 'may not see'} quotas: of pods`, () =>
      play(
        services,
        'openshiftpods',
        async (scene) => {
          await limitPods(scene, { pods: '1' });
          await scene.start();
          await lendOneByOne(scene);
        },
        { rights },
      ));

  it('openshiftpods: of cores, of which the label takes some', () =>
    play(services, 'openshiftpods', async (scene) => {
      await limitPods(scene, { 'requests.cpu': '3' });
      await scene.configure({ labels: { [LABEL]: { ...podLabel('openshiftpods'), cpu: 2 } } });
      await scene.start();
      await lendOneByOne(scene);
    }));

  it('openshiftpods: of pods that was taken away meanwhile, and is raised', () =>
    play(services, 'openshiftpods', async (scene) => {
      await scene.start();
      const first = await scene.lend();
      const quota = await limitPods(scene, { pods: '1' });
      const second = await scene.zuul.submit([LABEL]);
      await scene.until(async () => {
        assert.equal((await scene.zuul.components('pool'))[0]?.paused, true, 'paused');
      });
      assert.notEqual((await scene.zuul.request(second))?.state, 'failed');
      await services.admin.remove(quota);
      await scene.giveBack(await scene.lent(second));
      await scene.giveBack(first);
      await scene.untilEmpty();
    }));

  it('openshift: of projects', () =>
    play(services, 'openshift', async (scene) => {
      const projects = await services.admin.list('/api/v1/namespaces?labelSelector=test/project');
      await services.kill('openshift');
      await services.revive('openshift', (args) => withLimit(args, projects.length + 1));
      await scene.start();
      await lendOneByOne(scene);
      await services.kill('openshift');
      await services.revive('openshift', (args) => withLimit(args, 0));
    }));

  it('all that the configuration limits: a provider of kubernetes with max-servers', () =>
    play(services, 'kubernetes', async (scene) => {
      await scene.configure({ provider: { 'max-servers': 1 } });
      await scene.start();
      await lendOneByOne(scene);
    }));
});

function withLimit(args: readonly string[], most: number): readonly string[] {
  const at = args.indexOf('--max-projects');
  return args.with(at + 1, String(most));
}

/** Resolves, with its path, when the quota is enforced. */
async function limitPods(scene: Scene, hard: Readonly<Record<string, string>>): Promise<string> {
  const { services, pool } = scene.ground;
  const path = `/api/v1/namespaces/${pool}/resourcequotas`;
  await services.admin.create(path, { metadata: { name: 'limit' }, spec: { hard } });
  await scene.until(async () => {
    const { status } = await services.admin.get(`${path}/limit`);
    assert.deepEqual((status as { hard?: unknown }).hard, hard);
  });
  return `${path}/limit`;
}
