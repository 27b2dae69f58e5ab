/**
 * One listing of a cloud for all who wait for news of it: a thousand launches cost one call a tick.
 *
 *   idle -> (somebody waits) -> due -> (a tick since the last start) -> listing -> idle or due
 *
 * A tick is `pollSeconds`, or longer where things take their time: a cloud that needs a minute for a
 * machine is not asked sixty times (listing-pace.ts).
 *
 * Nobody gets a listing that began before they asked, so what they did before is in it (as far as
 * the cloud shows it at once, which not every cloud does). While nobody waits, nothing is called.
 */
import type { Clock } from '../base/clock.ts';
import { CloudError, NodepoolError, hasLabel } from '../base/errors.ts';
import { abortReason, onAbort, withDeadline } from '../base/wait.ts';
import { ListingPace } from './listing-pace.ts';
import { Patience } from './patience.ts';

const TIMEOUT_SECONDS = 60;
/** Machines go on while nobody answers for them: an API that is being restarted fails no launch. */
const LISTING_PATIENCE = { mostFailures: 5, unreachableMs: 120_000 };

export interface SharedListingOptions<T> {
  readonly clock: Clock;
  /** Between the starts of two listings, at least. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn: then a tick is longer. Default: never. */
  readonly isBusy?: (() => boolean) | undefined;
  readonly list: (signal: AbortSignal) => Promise<T>;
  /** For one listing. Default 60. */
  readonly timeoutSeconds?: number;
}

interface Waiter<T> {
  readonly resolve: (listing: T) => void;
  readonly reject: (error: unknown) => void;
}

export class SharedListing<T> {
  readonly #options: SharedListingOptions<T>;
  /** Those whom the next listing serves. */
  #waiting = new Set<Waiter<T>>();
  /** Those whom the running one serves. */
  #served: Set<Waiter<T>> | undefined;
  #running = new AbortController();
  readonly #pace: ListingPace;
  #lastStartMs = -Infinity;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: SharedListingOptions<T>) {
    this.#options = options;
    this.#pace = new ListingPace(options.clock, options.pollSeconds * 1000, options.isBusy);
  }

  /** Resolves with a listing that started after this call, or rejects with its failure. */
  next(signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        resolve: (listing) => {
          forget();
          resolve(listing);
        },
        reject: (error: unknown) => {
          forget();
          // Passed on as it came.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(error);
        },
      };
      const forget = onAbort(signal, () => {
        this.#forget(waiter);
        reject(abortReason(signal));
      });
      this.#waiting.add(waiter);
      this.#arm();
    });
  }

  /**
   * Asks for listing after listing until `look` finds what it is there for. A listing that failed
   * but may succeed later says nothing about anybody's machine: it is left out, a few in a row, and
   * for two minutes where the cloud is not reached at all.
   */
  async until<R>(
    look: (listing: T) => R | undefined | Promise<R | undefined>,
    signal: AbortSignal,
  ): Promise<R> {
    const done = this.#pace.begin();
    try {
      for (;;) {
        const found = await look(await this.#nextGood(signal));
        if (found !== undefined) return found;
      }
    } finally {
      done();
    }
  }

  /** Ends the running listing; all who wait are told NP_ABORTED. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const waiters = [...this.#waiting, ...(this.#served ?? [])];
    this.#waiting.clear();
    this.#served?.clear();
    this.#running.abort(closedError());
    for (const waiter of waiters) waiter.reject(closedError());
  }

  async #nextGood(signal: AbortSignal): Promise<T> {
    const { clock } = this.#options;
    const patience = new Patience({ ...LISTING_PATIENCE, clock });
    for (;;) {
      try {
        return await this.next(signal);
      } catch (error) {
        if (signal.aborted || !hasLabel(error, 'retryable')) throw error;
        if (patience.endsWith(error)) throw error;
      }
    }
  }

  /** A listing that nobody waits for any more is ended, or not begun. */
  #forget(waiter: Waiter<T>): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    }
    if (this.#served?.delete(waiter) === true && this.#served.size === 0)
      this.#running.abort(new NodepoolError('NP_ABORTED', 'nobody waits for the listing any more'));
  }

  #arm(): void {
    if (this.#served !== undefined || this.#cancelTimer !== undefined) return;
    if (this.#waiting.size === 0) return;
    const { clock } = this.#options;
    const dueMs = this.#lastStartMs + this.#pace.tickMs();
    this.#cancelTimer = clock.after(dueMs - clock.monotonic(), () => {
      this.#cancelTimer = undefined;
      void this.#run();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { clock, list, timeoutSeconds = TIMEOUT_SECONDS } = this.#options;
    const served = this.#waiting;
    this.#waiting = new Set();
    this.#served = served;
    this.#running = new AbortController();
    this.#lastStartMs = clock.monotonic();
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `no listing within ${timeoutSeconds} s`, {
        labels: ['retryable'],
      });
    const { signal } = this.#running;
    try {
      const listing = await withDeadline({ clock, ms: timeoutSeconds * 1000, signal, error }, list);
      for (const waiter of served) waiter.resolve(listing);
    } catch (failure) {
      for (const waiter of served) waiter.reject(failure);
    } finally {
      this.#served = undefined;
      this.#arm();
    }
  }
}

function closedError(): NodepoolError {
  return new NodepoolError('NP_ABORTED', 'the provider is closed');
}
