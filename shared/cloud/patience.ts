/**
 * How often a call to a cloud that failed is tried again: so many times where the cloud answers, and
 * for so long where it is not reached at all, since an API that is being restarted fails at once.
 */
import type { Clock } from '../base/clock.ts';
import { hasLabel } from '../base/errors.ts';

export interface PatienceOptions {
  readonly clock: Clock;
  /** Failures that end it, where the cloud answers. */
  readonly mostFailures: number;
  /** Milliseconds after which a cloud that is not reached is given up. */
  readonly unreachableMs: number;
}

/** Begins when it is made; one for each thing that is tried. */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #beganMs: number;
  #failures = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#beganMs = options.clock.monotonic();
  }

  /** Counts a failure and tells whether it was the last one. */
  endsWith(error: unknown): boolean {
    this.#failures += 1;
    const { clock, mostFailures, unreachableMs } = this.#options;
    return hasLabel(error, 'unreachable')
      ? clock.monotonic() - this.#beganMs >= unreachableMs
      : this.#failures >= mostFailures;
  }
}
