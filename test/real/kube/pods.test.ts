/** Pods that come late, or never: why, is told; and what can come without a repetition, is waited for. */
import assert from 'node:assert/strict';
import { kinds, podLabel, type Kind } from './kinds.ts';
import { LABEL, play, type Fields, type Scene } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

describe('pods of a real Kubernetes', function () {
  // A pod has five minutes to find a place.
  this.timeout(600_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  async function startWith(scene: Scene, kind: Kind, fields: Fields): Promise<void> {
    await scene.configure({
      labels: { [LABEL]: { ...podLabel(kind), ...fields } },
      provider: { 'launch-retries': 1 },
    });
    await scene.start();
  }

  for (const kind of kinds) {
    const failures: Readonly<Record<string, readonly [fields: Fields, told: RegExp]>> = {
      'an image that has no valid name': [
        annotated('waiting', 'InvalidImageName'),
        /InvalidImageName/,
      ],
      'an image that cannot be pulled': [
        annotated('waiting', 'ImagePullBackOff'),
        /ImagePullBackOff/,
      ],
      'an end at once': [annotated('phase', 'Failed'), /ended \(Failed\)/],
      'a body that the server refuses': [{ volumes: [{ name: 'No Name!' }] }, /volumes/],
    };
    for (const [what, [fields, told]] of Object.entries(failures))
      it(`${kind}: ${what} fails the request with a word on why, and nothing is left`, () =>
        play(services, kind, async (scene) => {
          await startWith(scene, kind, fields);
          const request = await scene.zuul.submit([LABEL]);
          await scene.untilFailed(request);
          await scene.untilLogged(told);
          await scene.zuul.cancel(request);
          await scene.untilEmpty();
        }));

    it(`${kind}: a pod that comes late is waited for, and not asked for one by one`, () =>
      play(services, kind, async (scene) => {
        await startWith(scene, kind, annotated('delay', '8s'));
        scene.ground.proxy.forget();
        const lent = await scene.lend();
        const looks = Object.entries(scene.ground.proxy.counts())
          .filter(([call]) => / GET .*\/pods\/NAME$/.test(call))
          .reduce((sum, [, count]) => sum + count, 0);
        assert.ok(looks <= 1, JSON.stringify(scene.ground.proxy.counts()));
        await scene.giveBack(lent);
        await scene.untilEmpty();
      }));
  }

  it('a pod that finds no place is for the next provider, in the words of the scheduler', () =>
    play(services, 'kubernetes', async (scene) => {
      await startWith(scene, 'kubernetes', { 'node-selector': { nowhere: 'at-all' } });
      const request = await scene.zuul.submit([LABEL]);
      await scene.until(async () => {
        assert.equal((await scene.zuul.request(request))?.state, 'failed');
      }, 400_000);
      await scene.untilLogged(/NP_CLOUD_CAPACITY[^\n]*node\(s\) didn't match/);
      await scene.zuul.cancel(request);
      await scene.untilEmpty();
    }));

  it('a pod finds its place when there is one at last', () =>
    play(services, 'kubernetes', async (scene) => {
      const { pool } = scene.ground;
      await startWith(scene, 'kubernetes', { 'node-selector': { for: pool } });
      const request = await scene.zuul.submit([LABEL]);
      await scene.until(async () => {
        assert.equal((await scene.ground.census()).namespaces, 1);
      });
      const node = '/api/v1/nodes/node-1';
      await services.admin.call('PATCH', node, { metadata: { labels: { for: pool } } });
      await scene.giveBack(await scene.lent(request));
      await services.admin.call('PATCH', node, { metadata: { labels: { for: null } } });
      await scene.untilEmpty();
    }));
});

/** What the stand-in for kubelets goes by. */
function annotated(what: 'waiting' | 'phase' | 'delay', value: string): Fields {
  return { annotations: { [`test/${what}`]: value } };
}
