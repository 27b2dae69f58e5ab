/** Zuul's own classes as load: 300 requests with 50 open, each checked, and nothing left. */
import assert from 'node:assert/strict';
import { peersOrSkip } from '../../support/peers.ts';
import { startZuulLoad } from '../../support/zuul-load.ts';
import { LABEL, play, servicesOrSkip } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';

const REQUESTS = 300;
const AT_ONCE = 50;
/** Nova on two cores makes a server in about two seconds of them. */
const LIMIT_SECONDS = 1800;

describe("Zuul's load on the real services", function () {
  this.timeout(LIMIT_SECONDS * 2000);
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
  });
  after(stopServices);

  it(`is served: ${REQUESTS} requests, ${AT_ONCE} in flight`, async function () {
    const peers = await peersOrSkip(this);
    await play(services, async (scene) => {
      await scene.start();
      scene.ground.proxy.forget();
      const load = startZuulLoad(peers, [
        ...['--hosts', scene.plainHosts, '--label', LABEL],
        ...['--requests', String(REQUESTS), '--arrival', `closed:${AT_ONCE}`],
        ...['--timeout', String(LIMIT_SECONDS), '--drain', String(LIMIT_SECONDS)],
      ]);
      const result = await load.result;
      assert.deepEqual(result.violation_samples, []);
      assert.deepEqual([result.fulfilled, result.failed, result.lost], [REQUESTS, 0, 0]);
      assert.equal(result.code, 0);
      await scene.untilEmpty();
      const counts = scene.ground.proxy.counts();
      const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
      console.log(`      ${(all / REQUESTS).toFixed(2)} calls a node: ${JSON.stringify(counts)}`);
      assert.equal(counts['compute POST /servers'], REQUESTS);
    });
  });
});
