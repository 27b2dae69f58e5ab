/**
 * So many calls a second to one cloud, counted from their starts, evenly spaced, in the order of
 * asking. A cloud with separate budgets (reading and changing) gets a limiter for each.
 *
 * Does not limit how many calls run at once. A cloud that says `Retry-After` is obeyed by `bend`.
 */
import type { Clock } from '../base/clock.ts';
import { CloudError } from '../base/errors.ts';
import { abortReason, onAbort } from '../base/wait.ts';

/** More than this waiting means that the rate does not fit the work. */
const MAX_QUEUE = 10_000;

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** Infinity: no limit. */
  readonly callsPerSecond: number;
  /** Calls that may wait; more are refused. Default 10,000. */
  readonly maxQueue?: number;
}

export class RateLimiter {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  readonly #maxQueue: number;
  /** In the order of asking. */
  readonly #queue = new Set<() => void>();
  /** The same of those that come before. */
  readonly #first = new Set<() => void>();
  /** On the clock's monotonic scale. */
  #nextStartMs = -Infinity;
  #cancelTimer: (() => void) | undefined;

  constructor(options: RateLimiterOptions) {
    if (!(options.callsPerSecond > 0))
      throw new RangeError(`callsPerSecond is ${options.callsPerSecond}, but must be positive`);
    this.#clock = options.clock;
    this.#spacingMs = 1000 / options.callsPerSecond;
    this.#maxQueue = options.maxQueue ?? MAX_QUEUE;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#first.size + this.#queue.size;
  }

  /** Makes the call when its turn has come. */
  async run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    await this.turn(signal);
    return call();
  }

  /**
   * Resolves when a call may start. Who gives up before uses none of the budget. `isFirst`: before all
   * that are not, so there must not be many of these.
   */
  turn(signal: AbortSignal, { isFirst = false } = {}): Promise<void> {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    if (this.waiting === 0 && this.#leftMs() <= 0) {
      this.#count();
      return Promise.resolve();
    }
    if (this.waiting >= this.#maxQueue)
      return Promise.reject(
        new CloudError(
          'NP_CLOUD_TRANSIENT',
          `${this.#maxQueue} calls wait for their turn already`,
          {
            labels: ['retryable'],
            hint: 'raise the rate of the provider',
          },
        ),
      );
    return this.#wait(signal, isFirst ? this.#first : this.#queue);
  }

  /** Starts no call for that long: the cloud asked for it. Never shortens the wait. */
  bend(forMs: number): void {
    this.#nextStartMs = Math.max(this.#nextStartMs, this.#clock.monotonic() + forMs);
    this.#arm();
  }

  #wait(signal: AbortSignal, queue: Set<() => void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const onTurn = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        queue.delete(onTurn);
        this.#arm();
        reject(abortReason(signal));
      });
      queue.add(onTurn);
      this.#arm();
    });
  }

  #leftMs(): number {
    return this.#nextStartMs - this.#clock.monotonic();
  }

  #count(): void {
    this.#nextStartMs = this.#clock.monotonic() + this.#spacingMs;
  }

  /** One timer, for the first of the queue. */
  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.waiting === 0) return;
    this.#cancelTimer = this.#clock.after(this.#leftMs(), () => {
      this.#cancelTimer = undefined;
      this.#letGo();
    });
  }

  /** A timer that fires early leaves the queue as it is. */
  #letGo(): void {
    for (const queue of [this.#first, this.#queue])
      for (const turn of queue) {
        if (this.#leftMs() > 0) break;
        queue.delete(turn);
        this.#count();
        turn();
      }
    this.#arm();
  }
}
