/** The apiserver is away, stands still, refuses, breaks off or forgets to answer, in the middle of launches. */
import assert from 'node:assert/strict';
import type { FaultRule } from '../../../fixtures/proxy/http-faults.ts';
import { kinds, podLabel, type Kind } from './kinds.ts';
import { LABEL, play, type Scene } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

/** Seconds until a pod runs: so slow that there is a middle. */
const SLOW = 2;
/** The stand-in for kubelets says it once, so the apiserver must be there again. */
const AFTER_RESTART = 20;

describe('trouble with a real Kubernetes', function () {
  this.timeout(600_000);
  let services: KubeServices;
  let isSkipped = true;
  before(async function () {
    services = await kubeOrSkip(this);
    isSkipped = false;
  });
  // What a failed test left down would be in the way of the next one.
  afterEach(async () => {
    if (!isSkipped) await services.reviveAll();
  });
  after(stopKube);

  /** So many requests at once, served in the end, and nothing left. */
  async function serve(scene: Scene, count: number, meanwhile: () => Promise<void>): Promise<void> {
    const requests = await Promise.all(
      Array.from({ length: count }, () => scene.zuul.submit([LABEL])),
    );
    await meanwhile();
    await Promise.all(requests.map(async (request) => scene.giveBack(await scene.lent(request))));
    await scene.untilEmpty();
  }

  function underWay(scene: Scene): Promise<void> {
    return scene.until(async () => {
      const { namespaces, pods } = await scene.ground.census();
      assert.ok(namespaces + pods > 0);
    });
  }

  const startSlow = async (scene: Scene, kind: Kind, seconds = SLOW): Promise<void> => {
    const annotations = { 'test/delay': `${seconds}s` };
    await scene.configure({
      labels: { [LABEL]: { ...podLabel(kind), annotations } },
      // Kubernetes's own controllers, which fill tokens, take up to a minute to find the apiserver again.
      provider: { 'launch-retries': 5 },
    });
    await scene.start();
  };

  for (const kind of kinds) {
    it(`${kind}: goes on when the apiserver was killed in the middle of launches`, () =>
      play(services, kind, async (scene) => {
        await startSlow(scene, kind, AFTER_RESTART);
        await serve(scene, 5, async () => {
          await underWay(scene);
          await services.kill('apiserver');
          await services.revive('apiserver');
        });
      }));

    it(`${kind}: goes on when its connections were broken off again and again`, () =>
      play(services, kind, async (scene) => {
        await startSlow(scene, kind);
        await serve(scene, 5, async () => {
          await underWay(scene);
          for (let cut = 0; cut < 5; cut++) {
            scene.ground.proxy.cut();
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
        });
      }));

    it(`${kind}: goes on with a new token when the old one is void`, () =>
      play(services, kind, async (scene) => {
        await scene.start();
        await scene.giveBack(await scene.lend());
        const old = scene.ground.token;
        await scene.ground.account.revokeTokens();
        await scene.ground.renewToken();
        await untilVoid(scene, old);
        await serve(scene, 3, () => Promise.resolve());
      }));

    it(`${kind}: makes nothing twice and loses nothing where answers are lost`, () =>
      play(services, kind, async (scene) => {
        await scene.configure({ provider: { 'launch-retries': 1 } });
        await scene.start();
        await scene.giveBack(await scene.lend());
        const posts = Object.keys(scene.ground.proxy.counts()).filter((one) =>
          one.includes('POST'),
        );
        assert.ok(posts.length > 0);
        for (const post of posts) {
          const [service = '', method = '', route = ''] = post.split(' ');
          const fault = { kind: 'lost-answer' } as const;
          const rule = scene.ground.proxy.faults.add({ service, method, route, times: 1, fault });
          await serve(scene, 1, () => Promise.resolve());
          assert.equal(rule.struck, 1, post);
        }
      }));

    it(`${kind}: serves 30 nodes through a network that fails in every way`, () =>
      play(
        services,
        kind,
        async (scene) => {
          await scene.start();
          const rules = MANY_FAULTS.map((rule) => scene.ground.proxy.faults.add(rule));
          await serve(scene, 30, () => Promise.resolve());
          const struck = rules.map((rule) => rule.struck);
          assert.ok(Math.max(...struck) > 0, `faults: ${struck.join(', ')}`);
        },
        { seed: 5 },
      ));
  }

  it('goes on when the apiserver stood still for a while', () =>
    play(services, 'kubernetes', async (scene) => {
      await startSlow(scene, 'kubernetes');
      await serve(scene, 5, async () => {
        await underWay(scene);
        await services.freeze('apiserver', true);
        await new Promise((resolve) => setTimeout(resolve, 5000));
        await services.freeze('apiserver', false);
      });
    }));

  it('takes up a watch anew when the server does not know its place any more', () =>
    play(services, 'kubernetes', async (scene) => {
      await startSlow(scene, 'kubernetes');
      const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
      const rule = scene.ground.proxy.faults.add({
        ...{ route: '/pods watch', times: 3 },
        fault: { kind: 'status', status: 410, body: gone },
      });
      await serve(scene, 5, () => Promise.resolve());
      assert.ok(rule.struck > 0, 'it watched');
    }));

  /** The apiserver trusts for ten seconds what it has seen. */
  function untilVoid(scene: Scene, token: string): Promise<void> {
    return scene.until(async () => {
      const answer = await fetch(`${scene.ground.proxy.origins.kube ?? ''}/api/v1/namespaces`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await answer.body?.cancel();
      assert.equal(answer.status, 401);
    });
  }
});

const retryLater = { 'retry-after': '1' };

const MANY_FAULTS: readonly FaultRule[] = [
  { chance: 0.04, fault: { kind: 'status', status: 500 } },
  { chance: 0.02, fault: { kind: 'status', status: 503 } },
  { chance: 0.04, fault: { kind: 'status', status: 429, headers: retryLater } },
  { chance: 0.03, fault: { kind: 'reset' } },
  { method: 'POST', chance: 0.03, fault: { kind: 'lost-answer' } },
  { method: 'DELETE', chance: 0.03, fault: { kind: 'lost-answer' } },
];
