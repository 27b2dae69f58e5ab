/**
 * `npm run bench clouds`: calls to the cloud and time from request to ready, of our drivers and of Python
 * Nodepool 11's, before the same AWS and the same Azure in memory, with the same configuration, in turn.
 *
 *   npm run bench clouds -- [--variants aws,azure] [--in-flight 1,50] [--nodes 5,200]
 *     [--contenders python,ours] [--write-docs]
 *
 * Machines take five seconds to come (Azure's fifteen) and five to go. The clouds live in this process:
 * times say less than calls do. Prints one JSON object. Needs the shared tools, for Python's launcher.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { awsArena } from './clouds/aws.ts';
import { azureArena } from './clouds/azure.ts';
import type { ClosableArena } from './clouds/memory-arena.ts';
import { holdContest, type Grounds } from './contest/contest.ts';

const arenas: Readonly<Record<string, (folder: string) => Promise<ClosableArena>>> = {
  aws: awsArena,
  azure: azureArena,
};

export function benchClouds(args: readonly string[]): Promise<void> {
  return holdContest(
    {
      ...{ section: 'clouds', variantName: 'cloud', open: openGrounds },
      ...{ variants: Object.keys(arenas), inFlight: '1,50', nodes: '5,200' },
      note: 'cores (which the clouds in memory take, too)',
      // We look each second where Python looks each ten: a little more for nodes that are ready sooner.
      targets: { mostCallsInACrowd: 1.5 },
    },
    args,
  );
}

async function openGrounds(): Promise<Grounds> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-clouds-'));
  removeWithUs(folder);
  let open: ClosableArena | undefined;
  return {
    arena: async (variant) => {
      await open?.close();
      const make = arenas[variant];
      if (make === undefined) throw new Error(`there is no cloud ${variant} here`);
      open = await make(folder);
      return open;
    },
    close: async () => {
      await open?.close();
      await removeNow(folder);
    },
  };
}
