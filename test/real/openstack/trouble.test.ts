/** Services that end and come back, tokens that are void, answers that go wrong on the way. */
import assert from 'node:assert/strict';
import type { AddedRule, FaultRule } from '../../../fixtures/proxy/http-faults.ts';
import { PRIVATE } from './ground.ts';
import { LABEL, play, servicesOrSkip, type Scene } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';

describe('trouble with the real services', function () {
  this.timeout(900_000);
  let services: OpenStackServices;
  let isSkipped = true;
  before(async function () {
    services = await servicesOrSkip(this);
    isSkipped = false;
  });
  // What a failed test left down would be in the way of the next one.
  afterEach(async () => {
    if (!isSkipped) await services.startMissing();
  });
  after(stopServices);

  /** So many requests at once, served in the end, and nothing left. */
  async function serve(scene: Scene, count: number, meanwhile: () => Promise<void>): Promise<void> {
    const requests = await Promise.all(
      Array.from({ length: count }, () => scene.zuul.submit([LABEL])),
    );
    await meanwhile();
    for (const request of requests) await scene.giveBack(await scene.lent(request));
    await scene.untilEmpty();
  }

  it('signs in anew when its tokens are revoked', () =>
    play(services, async (scene) => {
      await scene.start();
      await scene.giveBack(await scene.lend());
      scene.ground.proxy.forget();
      await scene.ground.tenant.revokeTokens();
      // Nova trusts a token for five minutes after it has asked keystone.
      await services.kill('nova-api');
      await services.startMissing();
      await serve(scene, 3, () => Promise.resolve());
      const signIns = scene.ground.proxy.counts()['identity POST /auth/tokens'] ?? 0;
      assert.ok(signIns >= 1, 'it signed in');
      assert.ok(signIns <= 20, `it signed in ${signIns} times`);
    }));

  it('goes on when keystone was away in the middle of launches', () =>
    play(services, async (scene) => {
      await scene.start();
      await serve(scene, 5, async () => {
        await scene.until(async () => {
          assert.ok((await scene.ground.tenant.census()).servers > 0);
        });
        await services.kill('keystone');
        await services.startMissing();
      });
    }));

  it('goes on when nova-api was killed in the middle of launches', () =>
    play(services, async (scene) => {
      await scene.start();
      await serve(scene, 5, async () => {
        await scene.until(async () => {
          assert.ok((await scene.ground.tenant.census()).servers > 0);
        });
        await services.kill('nova-api');
        await services.startMissing();
      });
    }));

  it('makes no server twice and loses none where answers to creations are lost', () =>
    play(services, async (scene) => {
      await scene.start();
      const rule = scene.ground.proxy.faults.add({
        ...{ service: 'compute', method: 'POST', route: '/servers', times: 2 },
        fault: { kind: 'lost-answer' },
      });
      await serve(scene, 3, async () => {
        await scene.until(() => {
          assert.equal(rule.struck, 2);
        });
      });
      const made = scene.ground.proxy.counts()['compute POST /servers'] ?? 0;
      assert.equal(made, 3, 'creations: none was asked for again');
    }));

  it('serves 30 nodes with floating IPs through a network that fails in every way', () =>
    play(
      services,
      async (scene) => {
        await scene.configure({ pool: { networks: [PRIVATE], 'auto-floating-ip': true } });
        await scene.start();
        const rules: AddedRule[] = MANY_FAULTS.map((rule) => scene.ground.proxy.faults.add(rule));
        await serve(scene, 30, () => Promise.resolve());
        const struck = rules.map((rule) => rule.struck);
        assert.ok(Math.max(...struck) > 0, `faults: ${struck.join(', ')}`);
      },
      { seed: 5 },
    ));
});

const retryLater = { 'retry-after': '1' };

/** Not of keystone: five wrong sign-ins end a launch, and the test is of the others. */
const MANY_FAULTS: readonly FaultRule[] = (['compute', 'network'] as const).flatMap((service) => [
  { service, chance: 0.04, fault: { kind: 'status', status: 500 } },
  { service, chance: 0.02, fault: { kind: 'status', status: 503 } },
  { service, chance: 0.04, fault: { kind: 'status', status: 429, headers: retryLater } },
  { service, chance: 0.03, fault: { kind: 'reset' } },
  { service, chance: 0.03, fault: { kind: 'lost-answer' } },
  { service, chance: 0.02, fault: { kind: 'status', status: 401 } },
]);
