/**
 * `npm run bench dashboards`: what open dashboards cost a launcher at work.
 *
 *   npm run bench dashboards -- [--readers 100] [--nodes 2000] [--requests 600] [--rounds 6] [--write-docs]
 *
 * One launcher, as it is shipped, in an installation of so many nodes in use, with a steady load of
 * requests; rounds without and with readers of its stream of events are taken in turn. The readers are
 * real ones, in a process of their own. Prints one JSON object: figures, ratios, and the targets with
 * whether they were reached.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runLoad } from './dashboards/load.ts';
import { writeDashboardsSection } from './dashboards/page.ts';
import type { DashboardsResult, Figure, Round } from './dashboards/result.ts';
import { startSite, type Site } from './dashboards/site.ts';
import { judgeDashboards } from './dashboards/targets.ts';

const OPTIONS = {
  readers: { type: 'string', default: '100' },
  nodes: { type: 'string', default: '2000' },
  requests: { type: 'string', default: '600' },
  open: { type: 'string', default: '50' },
  rounds: { type: 'string', default: '6' },
  'write-docs': { type: 'boolean', default: false },
} as const;

interface Plan {
  readonly readers: number;
  readonly requests: number;
  readonly open: number;
}

export async function benchDashboards(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const load1 = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const workDir = await mkdtemp(join(tmpdir(), 'dashboards-'));
  const nodes = Number(values.nodes);
  const site = await startSite({ workDir, nodes });
  const [readers, requests] = [Number(values.readers), Number(values.requests)];
  const plan = { readers, requests, open: Number(values.open) };
  try {
    const pairs = await measure(site, plan, Number(values.rounds));
    const result: DashboardsResult = {
      date: new Date().toISOString(),
      node: process.version,
      cores: cpus().length,
      ...{ load1, readers, nodes, requests, rounds: pairs.length },
      ...summarise(pairs, plan),
      rss_mib: await site.rssMib(),
    };
    const targets = judgeDashboards(result);
    process.stdout.write(`${JSON.stringify({ ...result, targets, pairs }, undefined, 1)}\n`);
    if (values['write-docs']) await writeDashboardsSection(result, targets);
  } finally {
    await site.stop();
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Pair {
  readonly without: Round;
  readonly with: Round;
}

async function measure(site: Site, plan: Plan, rounds: number): Promise<Pair[]> {
  // Both kinds once, so that all code has been compiled.
  await round(site, plan, 0);
  await round(site, plan, plan.readers);
  const pairs: Pair[] = [];
  for (let number = 0; number < rounds; number++) {
    // Who begins changes from pair to pair.
    const isFirst = number % 2 === 0;
    const before = await round(site, plan, isFirst ? 0 : plan.readers);
    const after = await round(site, plan, isFirst ? plan.readers : 0);
    pairs.push(isFirst ? { without: before, with: after } : { without: after, with: before });
  }
  return pairs;
}

async function round(site: Site, plan: Plan, readers: number): Promise<Round> {
  const end = readers === 0 ? undefined : await site.openReaders(readers);
  const cpu = await site.cpuMs();
  const figures = await runLoad(site.client, { label: site.label, ...plan });
  const cpuMs = (await site.cpuMs()) - cpu;
  const taken = await end?.();
  process.stderr.write(`${readers} readers: ${Math.round(figures.requests_per_second)} a second\n`);
  return {
    ...figures,
    cpu_ms_per_request: cpuMs / plan.requests,
    ...(taken && { readers: taken }),
  };
}

const FIGURES: readonly Figure[] = [
  ...(['requests_per_second', 'p50_ms', 'p99_ms', 'cpu_ms_per_request'] as const),
];

type Summary = Pick<
  DashboardsResult,
  'without' | 'with' | 'ratio' | 'kilobytes_per_second' | 'lost'
>;

function summarise(pairs: readonly Pair[], plan: Plan): Summary {
  const medians = (value: (pair: Pair, figure: Figure) => number): Record<Figure, number> => {
    const all = FIGURES.map((figure) => [figure, median(pairs.map((pair) => value(pair, figure)))]);
    return Object.fromEntries(all) as Record<Figure, number>;
  };
  const rates = pairs.map(({ with: one }) => {
    const seconds = plan.requests / one.requests_per_second;
    return (one.readers?.changes ?? 0) / 1000 / seconds / plan.readers;
  });
  return {
    without: medians(({ without }, figure) => without[figure]),
    with: medians((pair, figure) => pair.with[figure]),
    ratio: medians((pair, figure) => pair.with[figure] / pair.without[figure]),
    kilobytes_per_second: median(rates),
    lost: pairs.reduce((sum, { with: one }) => sum + (one.readers?.lost ?? 0), 0),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const value = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  return Number(value.toPrecision(4));
}
