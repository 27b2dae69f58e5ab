/** Writes the figures of the large installation into docs/performance.md. */
import { writeSection } from '../performance-page.ts';
import type { ScaleResult } from './result.ts';
import type { RunFigures } from './run.ts';
import type { ScaleVerdict } from './targets.ts';

export function writeScaleSection(
  result: ScaleResult,
  targets: readonly ScaleVerdict[],
): Promise<void> {
  return writeSection('scale', tables(result, targets));
}

type Read = (run: RunFigures) => number | null | undefined;

const FIGURES: readonly (readonly [label: string, read: Read])[] = [
  ['memory at most, MiB', (run) => run.rss_mib],
  ['caches read after, s', (run) => run.start?.caches_seconds],
  ['first decision after that, ms', (run) => run.start?.first_decision_ms],
  ['every full pool waits after, s', (run) => run.start?.settled_seconds],
  ['CPU until then, s', (run) => run.start?.cpu_seconds],
  ['idle: percent of a core', (run) => run.idle?.cpu_percent],
  ['idle: ZooKeeper requests a second', (run) => run.idle?.zk_packets_per_second],
  ['room to next launch p50, ms', (run) => run.room?.launch_ms.p50],
  ['room to next launch p99, ms', (run) => run.room?.launch_ms.p99],
  ['gate: requests a second', (run) => run.gate?.requests_per_second],
  ['gate: CPU a request, ms', (run) => run.gate?.cpu_ms_per_request],
  ['gate: ZooKeeper requests a request', (run) => run.gate?.zk_packets_per_request],
  ['event loop longest: start, ms', (run) => run.event_loop?.start?.max_ms],
  ['event loop longest: reload, ms', (run) => run.event_loop?.reload?.max_ms],
  ['event loop p99: idle, ms', (run) => run.event_loop?.idle?.p99_ms],
  ['event loop p99: room, ms', (run) => run.event_loop?.room?.p99_ms],
  ['event loop p99: gate, ms', (run) => run.event_loop?.gate?.p99_ms],
  ['the same without waiting for a processor, ms', (run) => run.event_loop?.gate?.own_p99_ms],
  ['orderly stop, s', (run) => run.stop_seconds],
];

function tables(result: ScaleResult, targets: readonly ScaleVerdict[]): string {
  const { size, attempts } = result;
  const compared = attempts.find((attempt) => attempt.ours !== undefined);
  const columns: [string, RunFigures][] = [['ours', result.ours]];
  if (compared?.ours && compared.share !== 1) {
    columns.push([`ours, ${compared.size.nodes} nodes`, compared.ours]);
  }
  if (compared) columns.push([`Python 11, ${compared.size.nodes} nodes`, compared.python]);
  return [
    `${result.date.slice(0, 10)}, ${result.cores} cores, Node ${result.node}, load ${result.load1} before:`,
    `${size.nodes} nodes, ${size.requests} waiting requests, ${size.providers} providers with`,
    `${size.poolsPerProvider} pools each, ${size.labels} labels, ${size.labelsPerPool} labels a pool.`,
    '',
    row(['figure', ...columns.map(([name]) => name)]),
    row(['---', ...columns.map(() => '---:')]),
    ...FIGURES.map(([label, read]) =>
      row([label, ...columns.map(([, run]) => String(read(run) ?? '-'))]),
    ),
    '',
    ...attempts
      .filter(({ python }) => python.failure !== undefined)
      .map(({ size: tried, python }) => sayFailure(tried.nodes, tried.requests, python)),
    row(['target', 'wanted', 'measured', 'reached']),
    row(['---', '---', '---:', '---']),
    ...targets.map(({ what, target, value, reached }) =>
      row(
        [what, target, value === null ? '-' : String(round(value))].concat(reached ? 'yes' : 'no'),
      ),
    ),
  ].join('\n');
}

function sayFailure(nodes: number, requests: number, python: RunFigures): string {
  const [why = ''] = (python.failure ?? '').split('\n');
  return `Python 11 with ${nodes} nodes and ${requests} requests: ${why}; ${python.rss_mib} MiB by then.\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
