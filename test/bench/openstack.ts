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
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Ground } from '../real/openstack/ground.ts';
import { findServices, stopServices } from '../real/openstack/services.ts';
import { findPeers, type Peers } from '../support/peers.ts';
import { writeOpenStackSection } from './openstack/page.ts';
import type { OpenStackCase, OpenStackResult } from './openstack/result.ts';
import {
  contenders,
  runOne,
  variants,
  type ContenderName,
  type RunFigures,
  type Variant,
} from './openstack/run.ts';
import { judgeOpenStack } from './openstack/targets.ts';

const OPTIONS = {
  variants: { type: 'string', default: variants.join(',') },
  'in-flight': { type: 'string', default: '1,50' },
  nodes: { type: 'string', default: '10,100' },
  contenders: { type: 'string', default: contenders.join(',') },
  'write-docs': { type: 'boolean', default: false },
} as const;

export async function benchOpenStack(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const peers = await findPeers({ isRequired: true });
  const services = await findServices();
  if (peers === undefined || services === undefined)
    throw new Error('needs the shared tools (NODEPOOL_TOOLS) and root: see test/real/openstack');
  const chosen = values.contenders.split(',') as ContenderName[];
  const nodes = values.nodes.split(',').map(Number);
  const load1 = loadavg()[0] ?? 0;
  const cases: OpenStackCase[] = [];
  const ground = await Ground.make(services);
  try {
    for (const variant of values.variants.split(',') as Variant[])
      for (const [index, inFlight] of values['in-flight'].split(',').map(Number).entries()) {
        const what = { ground, peers, variant, inFlight, nodes: nodes[index] ?? 10 };
        cases.push({ variant, in_flight: inFlight, ...(await compare(what, chosen)) });
      }
  } finally {
    await ground.drop();
    await stopServices();
  }
  const result: OpenStackResult = {
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    load1: Math.round(load1 * 100) / 100,
    cases,
  };
  const targets = judgeOpenStack(result);
  process.stdout.write(`${JSON.stringify({ ...result, targets }, undefined, 1)}\n`);
  if (values['write-docs']) await writeOpenStackSection(result, targets);
}

async function compare(
  what: { ground: Ground; peers: Peers; variant: Variant; inFlight: number; nodes: number },
  chosen: readonly ContenderName[],
): Promise<Partial<Record<ContenderName, RunFigures>>> {
  const figures: Partial<Record<ContenderName, RunFigures>> = {};
  for (const contender of chosen) {
    process.stderr.write(`${contender}: ${what.variant}, ${what.inFlight} in flight\n`);
    const run = await runOne({ ...what, contender });
    process.stderr.write(`${JSON.stringify(run)}\n`);
    figures[contender] = run;
  }
  return figures;
}
