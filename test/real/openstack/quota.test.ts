/**
 * Quota of the real services: a request that finds none left waits and is not failed, and goes on when
 * there is room, for each kind of quota.
 */
import assert from 'node:assert/strict';
import { PRIVATE } from './ground.ts';
import { LABEL, play, servicesOrSkip, type Setup } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';
import type { Quotas } from './tenant.ts';

interface Case {
  readonly what: string;
  /** Room for one node only. */
  readonly one: Quotas;
  readonly setup?: Setup;
}

const FROM_VOLUME: Setup = {
  labels: { [LABEL]: { 'boot-from-volume': true, 'volume-size': 4 } },
};
const FLOATING: Setup = { pool: { networks: [PRIVATE], 'auto-floating-ip': true } };

const CASES: readonly Case[] = [
  { what: 'instances', one: { compute: { instances: 1 } } },
  { what: 'cores', one: { compute: { cores: 1 } } },
  { what: 'ram', one: { compute: { ram: 2048 } } },
  // The two of the router's and one of a server.
  { what: 'ports', one: { network: { port: 2 } } },
  { what: 'floating IPs', one: { network: { floatingip: 1 } }, setup: FLOATING },
  { what: 'volumes', one: { volume: { volumes: 1 } }, setup: FROM_VOLUME },
  { what: 'gigabytes of volumes', one: { volume: { gigabytes: 4 } }, setup: FROM_VOLUME },
];

describe('quota of the real services', function () {
  this.timeout(900_000);
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
  });
  after(stopServices);

  for (const { what, one, setup } of CASES) {
    it(`lends one node after the other where ${what} are enough for one`, () =>
      play(services, async (scene) => {
        await scene.ground.tenant.setQuotas(one);
        await scene.configure(setup);
        await scene.start();
        const first = await scene.lend();
        const second = await scene.zuul.submit([LABEL]);
        await scene.until(async () => {
          assert.equal((await scene.zuul.components('pool'))[0]?.paused, true, 'paused');
        });
        assert.notEqual((await scene.zuul.request(second))?.state, 'failed');
        await scene.giveBack(first);
        await scene.giveBack(await scene.lent(second));
        await scene.untilEmpty();
      }));

    it(`waits where ${what} were taken away meanwhile, and goes on when they are raised`, () =>
      play(services, async (scene) => {
        await scene.configure(setup);
        await scene.start();
        const first = await scene.lend();
        await scene.ground.tenant.setQuotas(one);
        const second = await scene.zuul.submit([LABEL]);
        await scene.untilLogged(/quota/i);
        assert.notEqual((await scene.zuul.request(second))?.state, 'failed');
        await scene.ground.tenant.setAmpleQuotas();
        await scene.giveBack(await scene.lent(second));
        await scene.giveBack(first);
        await scene.untilEmpty();
      }));
  }
});
