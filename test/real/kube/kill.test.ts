/**
 * The launcher dies at any moment: what it made is gone soon after the next one started, and what is
 * others' stays, however much it looks like ours.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../shared/drivers/fake/faults.ts';
import type { Ground } from './ground.ts';
import { kinds, podLabel, spaceLabel, type Kind } from './kinds.ts';
import { LABEL, play } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

/** Launches in all, and how many at a time; each round is killed once. */
const ROUNDS = 5;
const A_ROUND = 10;
/** From the first request of a round until its last pod runs takes about so long. */
const LATEST_KILL_MS = 2000;
const SEED = 30;

describe('a launcher that is killed before a real Kubernetes', function () {
  this.timeout(900_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const kind of kinds)
    it(`${kind}: leaves nothing of ${ROUNDS * A_ROUND} launches, and nobody else's is touched`, () =>
      play(services, kind, async (scene) => {
        const foreign = await makeForeign(scene.ground, kind);
        const space = spaceLabel(kind) ?? podLabel(kind);
        await scene.configure({ labels: { [LABEL]: podLabel(kind), space } });
        const random = seededRandom(SEED);
        for (let round = 0; round < ROUNDS; round++) {
          await scene.start();
          const requests = await Promise.all(
            Array.from({ length: A_ROUND }, (_, n) => scene.zuul.submit([n % 2 ? LABEL : 'space'])),
          );
          await pause(random() * LATEST_KILL_MS);
          await scene.kill();
          for (const request of requests) await scene.zuul.cancel(request);
        }
        await scene.start();
        await scene.untilNodesGone();
        await scene.untilEmpty(foreign.kept);
        await foreign.assertThere();
      }));
});

interface Foreign {
  readonly kept: { readonly namespaces?: number; readonly pods?: number };
  assertThere(): Promise<void>;
}

/** Things of others that look like ours: named or labelled so, of another provider, of nobody's node. */
async function makeForeign(ground: Ground, kind: Kind): Promise<Foreign> {
  const { pool, provider, services } = ground;
  const { admin } = services;
  const labels = {
    nodepool_provider_name: 'another',
    nodepool_node_id: '0000000099',
    nodepool_pool_name: pool,
  };
  const own = { nodepool_provider_name: provider };
  const isPods = kind === 'openshiftpods';
  const path = isPods ? `/api/v1/namespaces/${pool}/pods` : '/api/v1/namespaces';
  const spec = { spec: { containers: [{ name: 'kept', image: 'busybox' }] } };
  const names = isPods ? `${LABEL}-0000000099` : `${pool}-0000000099`;
  const made = await Promise.all(
    [{ name: names }, { name: `${names}-7`, labels }, { name: `${names}-kept`, labels: own }].map(
      (metadata) => admin.create(path, { metadata, ...(isPods ? spec : {}) }),
    ),
  );
  return {
    kept: isPods ? { pods: made.length } : { namespaces: made.length },
    assertThere: async () => {
      for (const { metadata } of made) {
        const now = await admin.get(`${path}/${metadata.name}`);
        assert.equal(now.metadata.deletionTimestamp, undefined, metadata.name);
      }
    },
  };
}
