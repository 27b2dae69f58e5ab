/**
 * Where the phases of a launch lie on a line of time. Pure.
 *
 * @import { LauncherStatus } from './types.ts'
 */

/** @typedef {LauncherStatus['launches'][number]} Launch */

/**
 * @typedef {object} Segment
 * @property {string} phase
 * @property {number} left percent of the line
 * @property {number} width percent
 * @property {number} seconds that the phase took, or has taken so far
 * @property {number | null} attempt
 * @property {boolean} isNow it goes on
 */

/** Ends of a launch: no phase of time, but a mark. */
const ENDS = new Set(['ready', 'given-up']);

/**
 * @param {Pick<Launch, 'steps' | 'ended'>} launch
 * @param {{ from: number, to: number, now: number }} axis Unix seconds
 * @returns {Segment[]} those that can be seen
 */
export function segmentsOf({ steps, ended }, { from, to, now }) {
  const span = to - from;
  return steps.flatMap((step, index) => {
    if (ENDS.has(step.phase)) return [];
    const next = steps[index + 1]?.since ?? ended ?? now;
    const end = Math.max(step.since, next);
    const [seenFrom, seenTo] = [Math.max(from, step.since), Math.min(to, end)];
    if (seenTo < from || seenFrom > to) return [];
    return [
      {
        phase: step.phase,
        left: ((seenFrom - from) / span) * 100,
        width: (Math.max(0, seenTo - seenFrom) / span) * 100,
        seconds: end - step.since,
        attempt: step.attempt,
        isNow: ended === null && index === steps.length - 1,
      },
    ];
  });
}

/**
 * How it ended, and where; undefined: it goes on, or the end lies outside.
 *
 * @param {Pick<Launch, 'steps' | 'ended'>} launch
 * @param {{ from: number, to: number }} axis
 */
export function endOf({ steps, ended }, { from, to }) {
  const last = steps.at(-1);
  if (ended === null || last === undefined || ended < from || ended > to) return undefined;
  return { isReady: last.phase === 'ready', left: ((ended - from) / (to - from)) * 100 };
}

/** Distances of ticks that people can count. */
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600];

/**
 * Ticks of the axis at whole minutes or so, about `wanted` of them.
 *
 * @param {{ from: number, to: number, now: number }} axis
 * @param {number} wanted
 * @returns {{ left: number, ago: number }[]} `ago` in seconds
 */
export function ticksOf({ from, to, now }, wanted) {
  const span = to - from;
  const step = STEPS.find((one) => span / one <= wanted) ?? 86_400;
  const ticks = [];
  for (let ago = 0; now - ago >= from; ago += step)
    ticks.push({ left: ((now - ago - from) / span) * 100, ago });
  return ticks;
}

/**
 * The launch in a sentence, for who does not see the line.
 *
 * @param {readonly Segment[]} segments
 * @param {(phase: string) => string} nameOf
 * @param {(seconds: number) => string} durationOf
 */
export function sayLaunch(segments, nameOf, durationOf) {
  return segments
    .map(
      ({ phase, seconds, isNow }) =>
        `${nameOf(phase)} ${isNow ? 'for ' : ''}${durationOf(seconds)}`,
    )
    .join(', ');
}
