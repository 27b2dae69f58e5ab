/** Zuul's own classes as load: 200 requests with 50 open, each checked, and nothing left. */
import assert from 'node:assert/strict';
import { startZuulLoad } from '../../support/zuul-load.ts';
import { kinds } from './kinds.ts';
import { LABEL, play } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

const REQUESTS = 200;
const AT_ONCE = 50;
/** The namespace controller on two cores deletes some namespaces a second. */
const LIMIT_SECONDS = 900;

describe("Zuul's load on a real Kubernetes", function () {
  this.timeout(LIMIT_SECONDS * 2000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const kind of kinds)
    it(`is served by ${kind}: ${REQUESTS} requests, ${AT_ONCE} in flight`, () =>
      play(services, kind, async (scene) => {
        await scene.start();
        scene.ground.proxy.forget();
        const load = startZuulLoad(services.peers, [
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
        const pods = Object.entries(counts).filter(([call]) =>
          call.endsWith('POST /namespaces/NAME/pods'),
        );
        assert.equal(pods[0]?.[1], REQUESTS, 'none was made twice');
      }));
});
