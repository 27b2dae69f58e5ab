/**
 * Python Nodepool's drivers are the judge: what our launcher makes of a label, in ZooKeeper and in the cluster,
 * is what theirs makes of it on the same server, field by field.
 */
import assert from 'node:assert/strict';
import { Ground } from './ground.ts';
import { judgedLabels } from './judged-labels.ts';
import { kinds } from './kinds.ts';
import { observe, type Observation } from './observation.ts';
import { playOn, type Contender } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

const LABEL_NAME = 'judged';

describe('what our drivers make, before the judge', function () {
  this.timeout(300_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const kind of kinds)
    for (const [what, [label, pool = {}]] of Object.entries(judgedLabels(kind)))
      it(`${kind}: ${what}`, async () => {
        // On one ground, with each its own ZooKeeper: all names come out the same.
        const ground = await Ground.make(services, { rights: 'pythons' });
        try {
          const seen = async (contender: Contender): Promise<Observation> =>
            playOn(ground, kind, async (scene) => {
              await scene.configure({ labels: { [LABEL_NAME]: label }, pool });
              await scene.start(contender);
              const lent = await scene.lend(LABEL_NAME);
              const { node } = lent;
              const { namespace } = node.connection_port as { namespace: string };
              const seen = await observe(ground, node, namespace, kind);
              await scene.giveBack(lent);
              await scene.untilEmpty();
              return seen;
            });
          const pythons = await seen('python');
          assert.deepEqual(await seen('ours'), pythons);
        } finally {
          await ground.drop();
        }
      });
});
