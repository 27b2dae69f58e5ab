/**
 * `npm run bench openstack`: calls to the cloud and time from request to ready, of our driver and of
 * Python Nodepool 11's, on the same real OpenStack services and with the same configuration, in turn.
 *
 *   npm run bench openstack -- [--variants direct,floating] [--in-flight 1,50] [--nodes 10,100]
 *     [--contenders python,ours] [--write-docs]
 *
 * `--nodes` has one number for each of `--in-flight`. Prints one JSON object. README.md of
 * test/real/openstack says what it needs.
 */
import { Ground } from '../real/openstack/ground.ts';
import { findServices, stopServices } from '../real/openstack/services.ts';
import { holdContest, type Grounds } from './contest/contest.ts';
import { openStackArena, variants, type Variant } from './openstack/arena.ts';

export function benchOpenStack(args: readonly string[]): Promise<void> {
  return holdContest(
    {
      ...{ section: 'openstack', variantName: 'network', open: openGround },
      ...{ variants, inFlight: '1,50', nodes: '10,100' },
      note: 'cores (which the services take, too)',
      targets: { mostCallsAlone: 1, mostCallsInACrowd: 0.2 },
    },
    args,
  );
}

async function openGround(): Promise<Grounds> {
  const services = await findServices();
  if (services === undefined)
    throw new Error('needs the shared tools (NODEPOOL_TOOLS) and root: see test/real/openstack');
  const ground = await Ground.make(services);
  return {
    arena: (variant) => Promise.resolve(openStackArena(ground, variant as Variant)),
    close: async () => {
      await ground.drop();
      await stopServices();
    },
  };
}
