/** What the launcher has to reach in the large installation. */
import type { ScaleResult } from './result.ts';

export interface ScaleVerdict {
  readonly what: string;
  /** `at most 400`, ... */
  readonly target: string;
  readonly value: number | null;
  readonly reached: boolean;
}

type Read = (result: ScaleResult) => number | null | undefined;

/** The start, and a reload until the first request that it lets through, are told apart. */
const AT_WORK = ['idle', 'room', 'gate'];

const worstDelay =
  (key: 'p99_ms' | 'own_p99_ms'): Read =>
  ({ ours }) => {
    const delays = AT_WORK.flatMap((phase) => ours.event_loop?.[phase]?.[key] ?? []);
    return delays.length === AT_WORK.length ? Math.max(...delays) : null;
  };

const ratio: Read = ({ attempts }) => {
  const compared = attempts.find((attempt) => attempt.ours !== undefined);
  const own = compared?.ours?.gate?.requests_per_second;
  const other = compared?.python.gate?.requests_per_second;
  return own === undefined || !other ? null : own / other;
};

const AT_MOST: readonly (readonly [what: string, most: number, read: Read])[] = [
  ['memory, MiB', 400, ({ ours }) => ours.rss_mib],
  [
    'first decision after the caches are read, ms',
    2000,
    ({ ours }) => ours.start?.first_decision_ms,
  ],
  ['event loop p99 at work, worst phase, ms', 20, worstDelay('p99_ms')],
  ['the same without waiting for a processor, ms', 20, worstDelay('own_p99_ms')],
  ['room to next launch p99, ms', 50, ({ ours }) => ours.room?.launch_ms.p99],
  ['begun out of order', 0, ({ ours }) => ours.room?.out_of_order],
  ['launched in another pool', 0, ({ ours }) => ours.room?.elsewhere],
];
const LEAST_RATIO = 10;

export function judgeScale(result: ScaleResult): ScaleVerdict[] {
  const verdicts = AT_MOST.map(([what, most, read]) => {
    const value = read(result) ?? null;
    return { what, target: `at most ${most}`, value, reached: value !== null && value <= most };
  });
  if (result.attempts.length === 0) return verdicts;
  const value = ratio(result) ?? null;
  const reached = value !== null && value >= LEAST_RATIO;
  const what = 'requests a second / python';
  return [...verdicts, { what, target: `at least ${LEAST_RATIO}`, value, reached }];
}
