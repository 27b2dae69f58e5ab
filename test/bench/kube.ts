/**
 * `npm run bench kube`: calls to the apiserver and time from request to ready, of our drivers and of Python
 * Nodepool 11's, on the same real Kubernetes servers and with the same configuration, in turn.
 *
 *   npm run bench kube -- [--variants kubernetes,openshift,openshiftpods] [--in-flight 1,50]
 *     [--nodes 5,100] [--contenders python,ours] [--write-docs]
 *
 * `--nodes` has one number for each of `--in-flight`. Prints one JSON object. README.md of test/real/kube
 * says what it needs.
 */
import { Ground } from '../real/kube/ground.ts';
import { findKube, stopKube } from '../real/kube/services.ts';
import { holdContest, type Grounds } from './contest/contest.ts';
import { kubeArena, variants } from './kube/arena.ts';

export function benchKube(args: readonly string[]): Promise<void> {
  return holdContest(
    {
      ...{ section: 'kube', variantName: 'driver', open: openGround },
      ...{ variants, inFlight: '1,50', nodes: '5,100' },
      note: 'cores (which the servers take, too)',
      targets: { mostCallsAlone: 1, mostCallsInACrowd: 0.75 },
    },
    args,
  );
}

async function openGround(): Promise<Grounds> {
  const services = await findKube();
  if (services === undefined)
    throw new Error('needs the shared tools (NODEPOOL_TOOLS): see test/real/kube');
  const ground = await Ground.make(services);
  return {
    arena: (variant) => kubeArena(ground, variant),
    close: async () => {
      await ground.drop();
      await stopKube();
    },
  };
}
