/** What our driver has to reach against Python Nodepool 11's in the same cloud. */
import type { ContestCase, ContestResult } from './result.ts';
import type { RunFigures } from './run.ts';

/** Calls to the cloud, ours to Python's. */
export interface ContestTargets {
  /** With one request after another. Absent: whoever looks more often is ready sooner. */
  readonly mostCallsAlone?: number;
  readonly mostCallsInACrowd: number;
}

export interface ContestVerdict {
  readonly what: string;
  /** `at most 0.2`, ... */
  readonly target: string;
  readonly value: number | null;
  readonly reached: boolean;
}

export function judgeContest(
  { cases }: ContestResult,
  { mostCallsAlone, mostCallsInACrowd }: ContestTargets,
): ContestVerdict[] {
  return cases.flatMap((one) => {
    const of = `${one.variant}, ${one.in_flight} in flight: `;
    const isCrowd = one.in_flight > 1;
    const most = isCrowd ? mostCallsInACrowd : mostCallsAlone;
    const calls = ratio(one, (run) => run.calls_per_node);
    return [
      ...(most === undefined ? [] : [atMost(`${of}calls a node / python`, most, calls)]),
      atMost(`${of}failed, lost or left behind`, 0, one.ours && troubles(one.ours)),
    ];
  });
}

function ratio({ ours, python }: ContestCase, read: (run: RunFigures) => number) {
  return ours && python && read(ours) / read(python);
}

function troubles({ failed, left }: RunFigures): number {
  return Object.values(left).reduce((all, one) => all + one, failed);
}

/** No value counts as missed. */
function atMost(what: string, most: number, value: number | undefined): ContestVerdict {
  const reached = value !== undefined && value <= most;
  return { what, target: `at most ${most}`, value: value ?? null, reached };
}
