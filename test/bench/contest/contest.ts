/** The frame of a contest: its command line, its cases in turn, its verdict. */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { findPeers, type Peers } from '../../support/peers.ts';
import type { Arena } from './arena.ts';
import { writeContest, type PageOptions } from './page.ts';
import type { ContestCase, ContestResult } from './result.ts';
import { contenders, runOne, type ContenderName, type RunFigures } from './run.ts';
import { judgeContest, type ContestTargets } from './targets.ts';

export interface ContestOptions extends PageOptions {
  readonly variants: readonly string[];
  readonly targets: ContestTargets;
  /** Requests in flight, and nodes for each, where the command line does not say. */
  readonly inFlight: string;
  readonly nodes: string;
  /** Makes ready what all runs need. */
  readonly open: () => Promise<Grounds>;
}

export interface Grounds {
  arena(variant: string): Promise<Arena>;
  close(): Promise<void>;
}

/** Prints one JSON object; with --write-docs also docs/performance.md. */
export async function holdContest(options: ContestOptions, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      variants: { type: 'string', default: options.variants.join(',') },
      'in-flight': { type: 'string', default: options.inFlight },
      nodes: { type: 'string', default: options.nodes },
      contenders: { type: 'string', default: contenders.join(',') },
      'write-docs': { type: 'boolean', default: false },
    },
  });
  const peers = await findPeers({ isRequired: true });
  if (peers === undefined) throw new Error('needs the shared tools (NODEPOOL_TOOLS)');
  const chosen = values.contenders.split(',') as ContenderName[];
  const nodes = values.nodes.split(',').map(Number);
  const load1 = loadavg()[0] ?? 0;
  const cases: ContestCase[] = [];
  const grounds = await options.open();
  try {
    for (const variant of values.variants.split(','))
      for (const [index, inFlight] of values['in-flight'].split(',').map(Number).entries()) {
        const arena = await grounds.arena(variant);
        const what = { arena, peers, variant, inFlight, nodes: nodes[index] ?? 10 };
        cases.push({ variant, in_flight: inFlight, ...(await compare(what, chosen)) });
      }
  } finally {
    await grounds.close();
  }
  const result: ContestResult = {
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    load1: Math.round(load1 * 100) / 100,
    cases,
  };
  const verdicts = judgeContest(result, options.targets);
  process.stdout.write(`${JSON.stringify({ ...result, targets: verdicts }, undefined, 1)}\n`);
  if (values['write-docs']) await writeContest(options, result, verdicts);
}

async function compare(
  what: { arena: Arena; peers: Peers; variant: string; inFlight: number; nodes: number },
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
