/** Writes the figures of a contest into docs/performance.md. */
import { writeSection } from '../performance-page.ts';
import type { ContestCase, ContestResult } from './result.ts';
import type { RunFigures } from './run.ts';
import type { ContestVerdict } from './targets.ts';

export interface PageOptions {
  /** Name of the marks in docs/performance.md. */
  readonly section: string;
  /** Head of the column with the variants. */
  readonly variantName: string;
  /** After the number of cores. */
  readonly note: string;
}

export function writeContest(
  options: PageOptions,
  result: ContestResult,
  targets: readonly ContestVerdict[],
): Promise<void> {
  return writeSection(options.section, tables(options, result, targets));
}

const FIGURES: readonly (readonly [label: string, read: (run: RunFigures) => number])[] = [
  ['calls a node', (run) => run.calls_per_node],
  ['of them questions', questions],
  ['calls at the start', (run) => run.start_calls],
  ['ready p50, s', (run) => run.ready_ms.p50 / 1000],
  ['ready p99, s', (run) => run.ready_ms.p99 / 1000],
  ['nodes a second', (run) => run.nodes / run.seconds],
  ['CPU a node, ms', (run) => run.cpu_ms_per_node],
];

/** Calls that change nothing, by the names of the clouds. */
const QUESTION = /\bGET |^(Describe|Get|List)/;

/** Creations and deletions are the same for everybody; what can be saved is the asking. */
function questions({ calls, nodes }: RunFigures): number {
  const asked = Object.entries(calls).filter(([kind]) => QUESTION.test(kind));
  return asked.reduce((sum, [, count]) => sum + count, 0) / nodes;
}

/** Kinds of calls that are too few to be told apart. */
const LEAST_SHARE = 0.005;

function tables(
  { variantName, note }: PageOptions,
  result: ContestResult,
  targets: readonly ContestVerdict[],
): string {
  return [
    `${result.date.slice(0, 10)}, ${result.cores} ${note}, Node ${result.node}, load ${result.load1} before.`,
    '',
    row([variantName, 'in flight', 'nodes', 'figure', 'ours', 'Python 11', 'ours / Python']),
    row(['---', '---:', '---:', '---', '---:', '---:', '---:']),
    ...result.cases.flatMap(figureRows),
    '',
    'Calls a node, by kind:',
    '',
    row(['call', ...result.cases.flatMap((one) => columns(one).map(([head]) => head))]),
    row(['---', ...result.cases.flatMap((one) => columns(one).map(() => '---:'))]),
    ...callRows(result.cases),
    '',
    row(['target', 'wanted', 'measured', 'reached']),
    row(['---', '---', '---:', '---']),
    ...targets.map(({ what, target, value, reached }) =>
      row([what, target, value === null ? '-' : short(value), reached ? 'yes' : 'no']),
    ),
  ].join('\n');
}

function figureRows({ variant, in_flight: inFlight, ours, python }: ContestCase): string[] {
  const nodes = String((ours ?? python)?.nodes ?? '');
  return FIGURES.map(([label, read]) => {
    const values = [ours, python].map((run) => run && read(run));
    const [own, other] = values;
    const quotient = own === undefined || !other ? '-' : short(own / other);
    const cells = values.map((value) => (value === undefined ? '-' : short(value)));
    return row([variant, String(inFlight), nodes, label, ...cells, quotient]);
  });
}

type Column = readonly [head: string, run: RunFigures];

function columns(one: ContestCase): Column[] {
  const head = `${one.variant} ${one.in_flight}`;
  return [
    ...(one.ours ? [[`${head} ours`, one.ours] as const] : []),
    ...(one.python ? [[`${head} Python`, one.python] as const] : []),
  ];
}

function callRows(cases: readonly ContestCase[]): string[] {
  const runs = cases.flatMap(columns).map(([, run]) => run);
  const kinds = [...new Set(runs.flatMap((run) => Object.keys(run.calls)))].toSorted();
  const share = (run: RunFigures, kind: string): number => (run.calls[kind] ?? 0) / run.nodes;
  return kinds
    .filter((kind) => runs.some((run) => share(run, kind) >= LEAST_SHARE))
    .map((kind) => row([`\`${kind}\``, ...runs.map((run) => short(share(run, kind)))]));
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
