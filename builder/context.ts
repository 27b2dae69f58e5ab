/**
 * What the parts of the builder share. Made once in `builder.ts`, handed down as an argument.
 */
import type { Clock } from '../shared/base/clock.ts';
import type { Logger } from '../shared/base/log.ts';
import type { ImageStore } from '../shared/store/images.ts';
import type { ImageWork } from '../shared/store/image-work.ts';
import type { Metrics } from '../shared/telemetry/metrics.ts';

export interface BuilderContext {
  readonly images: ImageStore;
  readonly work: ImageWork;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Fully qualified, as records name the builder. */
  readonly host: string;
  /** Of `builder_id.txt`: stays the same over restarts. */
  readonly builderId: string;
}

/** A change of a record's state. */
export function toState<S extends string>(
  clock: Clock,
  state: S,
): { state: S; state_time: number } {
  return { state, state_time: clock.now() / 1000 };
}
