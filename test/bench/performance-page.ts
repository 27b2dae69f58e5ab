/** Writes figures into docs/performance.md, each kind between two marks of its own. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../support/peers.ts';
import type { Scenarios, Verdict } from './targets.ts';

export interface LauncherResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  readonly runs: number;
  readonly scenarios: Scenarios;
  readonly targets: readonly Verdict[];
}

export function writePerformancePage(result: LauncherResult): Promise<void> {
  return writeSection('launcher', tables(result));
}

/** Puts the text between the marks of that name. */
export async function writeSection(name: string, content: string): Promise<void> {
  const page = join(projectRoot, 'docs/performance.md');
  const text = await readFile(page, 'utf8');
  const mark = `<!-- ${name}: begin -->`;
  const begin = text.indexOf(mark);
  const end = text.indexOf(`<!-- ${name}: end -->`);
  if (begin === -1 || end < begin) throw new Error(`${page} has no marks for ${name}`);
  await writeFile(
    page,
    `${text.slice(0, begin + mark.length)}\n\n${content}\n\n${text.slice(end)}`,
  );
}

/** Rows of the first table: a name for people, and where the figure is. */
const FIGURES: readonly (readonly [label: string, key: string])[] = [
  ['p50, ms', 'latency_ms.p50'],
  ['p99, ms', 'latency_ms.p99'],
  ['requests a second', 'throughput'],
  ['CPU a request, ms', 'cpu_ms_per_request'],
  ['ZooKeeper requests a request', 'zk_packets_per_request'],
  ['ZooKeeper requests a second', 'zk_received_per_second'],
  ['percent of a core', 'cpu_percent'],
  ['start, s', 'startup_seconds'],
  ['memory, MiB', 'rss_mib'],
];

function tables(result: LauncherResult): string {
  const lines = [
    `${result.date.slice(0, 10)}, ${result.cores} cores, Node ${result.node}, medians of ${result.runs} runs each, taken in turn.`,
    '',
    '| scenario | figure | ours | Python 11 | ours / Python | floor |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
  ];
  for (const [scenario, { ours, python, ratio, floor }] of Object.entries(result.scenarios))
    for (const [label, key] of FIGURES)
      if (ours[key] !== undefined)
        lines.push(
          `| ${scenario} | ${label} | ${ours[key]} | ${python[key] ?? '-'} | ${ratio[key] ?? '-'} | ${floor?.[key] ?? ''} |`,
        );
  lines.push(
    '',
    '| scenario | target | wanted | measured | reached |',
    '| --- | --- | --- | ---: | --- |',
  );
  for (const { scenario, what, target, value, reached } of result.targets)
    lines.push(
      `| ${scenario} | ${what} | ${target} | ${value ?? '-'} | ${reached ? 'yes' : 'no'} |`,
    );
  return lines.join('\n');
}
