/**
 * `npm run bench scale`: our launcher in a large installation, and Python Nodepool 11 beside it at the
 * largest size that it can do.
 *
 *   npm run bench scale -- [--nodes 10000] [--requests 5000] [--python 1,0.2,0.05|none] [--write-docs]
 *
 * Prints one JSON object: sizes, figures, and the targets with whether they were reached. Python is
 * tried with the given shares of the size, one after the other, until it comes to the end; ours then
 * runs with that size, too, for the comparison.
 */
import { mkdtemp } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPeers, type Peers } from '../support/peers.ts';
import type { Size } from './scale/layout.ts';
import { runOne, type RunFigures, type RunOptions } from './scale/run.ts';
import { judgeScale } from './scale/targets.ts';
import type { Attempt, ScaleResult } from './scale/result.ts';
import { writeScaleSection } from './scale/page.ts';

const OPTIONS = {
  nodes: { type: 'string', default: '10000' },
  requests: { type: 'string', default: '5000' },
  providers: { type: 'string', default: '40' },
  'pools-per-provider': { type: 'string', default: '5' },
  labels: { type: 'string', default: '200' },
  'labels-per-pool': { type: 'string', default: '10' },
  releases: { type: 'string', default: '50' },
  python: { type: 'string', default: '1,0.2,0.05' },
  'limit-seconds': { type: 'string', default: '300' },
  'port-base': { type: 'string', default: '34000' },
  'work-dir': { type: 'string' },
  profile: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
} as const;

export async function benchScale(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const size: Size = {
    providers: Number(values.providers),
    poolsPerProvider: Number(values['pools-per-provider']),
    labels: Number(values.labels),
    labelsPerPool: Number(values['labels-per-pool']),
    nodes: Number(values.nodes),
    requests: Number(values.requests),
  };
  const load1 = loadavg()[0] ?? 0;
  const workDir = values['work-dir'] ?? (await mkdtemp(join(tmpdir(), 'scale-')));
  const shares = values.python === 'none' ? [] : values.python.split(',').map(Number);
  const peers = shares.length > 0 ? await findPeers({ isRequired: true }) : undefined;
  const run = (name: RunOptions['name'], of: Size, folder: string): Promise<RunFigures> =>
    runOne({
      name,
      size: of,
      workDir: join(workDir, folder),
      portBase: Number(values['port-base']),
      peers,
      limitMs: Number(values['limit-seconds']) * 1000,
      releases: name === 'ours' ? Number(values.releases) : Math.min(5, Number(values.releases)),
      isProfiled: values.profile,
    });
  const ours = await run('ours', size, 'ours');
  const attempts = await comparisons({ shares, size, ours, run, peers });
  const result: ScaleResult = {
    date: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    load1: Math.round(load1 * 100) / 100,
    size,
    ours,
    attempts,
  };
  const targets = judgeScale(result);
  process.stdout.write(`${JSON.stringify({ ...result, targets }, undefined, 1)}\n`);
  if (values['write-docs']) await writeScaleSection(result, targets);
}

async function comparisons(what: {
  shares: readonly number[];
  size: Size;
  ours: RunFigures;
  run: (name: RunOptions['name'], of: Size, folder: string) => Promise<RunFigures>;
  peers: Peers | undefined;
}): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const share of what.shares) {
    const size = scaled(what.size, share);
    const python = await what.run('python', size, `python-${share}`);
    if (python.failure !== undefined) {
      attempts.push({ share, size, python });
      continue;
    }
    const ours = share === 1 ? what.ours : await what.run('ours', size, `ours-${share}`);
    attempts.push({ share, size, python, ours });
    break;
  }
  return attempts;
}

function scaled(size: Size, share: number): Size {
  const part = (value: number): number => Math.max(1, Math.round(value * share));
  return {
    ...size,
    providers: part(size.providers),
    labels: Math.max(size.poolsPerProvider, part(size.labels)),
    nodes: part(size.nodes),
    requests: part(size.requests),
  };
}
