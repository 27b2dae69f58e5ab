/**
 * What the parts of the launcher share. Made once in `launcher.ts`, handed down as an argument.
 */
import type { Clock } from '../shared/base/clock.ts';
import type { Logger } from '../shared/base/log.ts';
import type { Store } from '../shared/store/store.ts';
import type { Metrics } from '../shared/telemetry/metrics.ts';

export interface Context {
  readonly store: Store;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Runs work in the background: a failure is logged with the words, never lost. */
  readonly supervise: (what: string, work: Promise<unknown>) => void;
}

/** Unix seconds, as records hold them. */
export function seconds(clock: Clock): number {
  return clock.now() / 1000;
}

/** A change of a record's state. */
export function toState<S extends string>(
  clock: Clock,
  state: S,
): { state: S; state_time: number } {
  return { state, state_time: seconds(clock) };
}
