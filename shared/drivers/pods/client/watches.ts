/**
 * One list and watch of a collection for all who wait for news of it.
 *
 *   idle -> (somebody waits) -> listing -> watching -> (nobody waits for a minute) -> idle
 *              ^                              |-> ended, silent, broken: watched again from where it was
 *              |                              |-> 410, or three failures in a row: listed anew
 *              +------------------------------+
 *   a watch that is not allowed: listings every `pollSeconds` instead, for a while
 *
 * Nobody is shown what is older than what this process wrote before they asked. Objects live on while
 * the cluster does not answer: those who wait are patient, as with any shared listing.
 */
import type { Clock } from '../../../base/clock.ts';
import { NodepoolError, hasCode, hasLabel, messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { abortReason, onAbort, sleep, throwIfAborted } from '../../../base/wait.ts';
import { Patience } from '../../../cloud/patience.ts';
import { SharedListing } from '../../../cloud/shared-listing.ts';
import type { OpenAnswer } from './caller.ts';
import { isExpired } from './errors.ts';
import { KnownObjects } from './known-objects.ts';
import type { KubeObject } from './objects.ts';
import { followWatch, NoWatchError } from './watch-events.ts';

/** By name, or `namespace/name` where the collection is of all namespaces. It changes with time. */
export type Known<T> = ReadonlyMap<string, T>;

export interface Listed<T> {
  readonly items: readonly T[];
  /** Where a watch begins. */
  readonly version: string | undefined;
}

export interface WatchedOptions<T> {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** For the log: `pods`. */
  readonly name: string;
  readonly keyOf: (object: T) => string;
  /** Whether something we wrote is of the collection. */
  readonly isPart: (object: T) => boolean;
  readonly list: (signal: AbortSignal) => Promise<Listed<T>>;
  /** Begins a watch, which is to end after so many seconds. */
  readonly open: (version: string, seconds: number, signal: AbortSignal) => Promise<OpenAnswer>;
  /** Between two listings where watching is not allowed. */
  readonly pollSeconds: number;
  readonly isBusy: () => boolean;
  /** Is told of the end. */
  readonly onClose: () => void;
}

/** A cluster ends watches after five to ten minutes by itself. */
const WATCH_SECONDS = 300;
/** Bookmarks come about every minute: a watch without a word for longer is as good as dead. */
const SILENCE_MS = 90_000;
const IDLE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** What ends sooner than this is no good watch. */
const SHORTEST_MS = 1000;
/** Failures after which where it was is given up, too: the cluster may have been set back. */
const MOST_FAILURES = 3;
/** Until a watch is tried again where it was not allowed. */
const FORBIDDEN_MS = 600_000;
/** As of shared listings. */
const PATIENCE = { mostFailures: 5, unreachableMs: 120_000 };

interface Waiter {
  /** Something is new, or listings take over. */
  readonly wake: () => void;
  /** The cluster did not answer; the waiter decides whether that is enough. */
  readonly fail: (error: unknown) => void;
}

export class Watched<T extends KubeObject> {
  readonly #options: WatchedOptions<T>;
  readonly #known: KnownObjects<T>;
  readonly #listing: SharedListing<Known<T>>;
  readonly #waiters = new Set<Waiter>();
  /** Counts what has changed. */
  #revision = 0;
  /** Whether what is known is as new as the cluster tells. */
  #isInStep = false;
  /** Who is within a call. */
  #users = 0;
  #running: AbortController | undefined;
  #cancelIdle: (() => void) | undefined;
  #listsUntilMs = -Infinity;
  #hasSaid = false;
  #isClosed = false;

  constructor(options: WatchedOptions<T>) {
    this.#options = options;
    this.#known = new KnownObjects(options.keyOf);
    const { clock, pollSeconds, isBusy } = options;
    this.#listing = new SharedListing<Known<T>>({
      ...{ clock, pollSeconds, isBusy },
      list: async (signal) => {
        const { items } = await options.list(signal);
        return new Map(items.map((item) => [options.keyOf(item), item]));
      },
    });
  }

  /**
   * Looks at what is known, and again after each change, until `look` finds what it is there for. What
   * this process wrote before the call is in it. Several changes at once may be one look.
   */
  async until<R>(
    look: (objects: Known<T>) => R | undefined | Promise<R | undefined>,
    signal: AbortSignal,
  ): Promise<R> {
    throwIfAborted(signal);
    if (this.#isClosed) throw closedError();
    const leave = this.#enter();
    try {
      for (let seen = 0; ;) {
        if (!(await this.#after(seen, signal))) return await this.#listing.until(look, signal);
        seen = this.#revision;
        const found = await look(this.#known.objects);
        if (found !== undefined) return found;
      }
    } finally {
      leave();
    }
  }

  /** What is known, once it is in step with the cluster. */
  async current(signal: AbortSignal): Promise<Known<T>> {
    return this.until((objects) => objects, signal);
  }

  /** The answer to something that this process wrote. */
  wrote(object: T): void {
    if (this.#running === undefined || !this.#options.isPart(object)) return;
    if (this.#known.write(object) && this.#isInStep) this.#tell();
  }

  /** Ends the watch; all who wait are told NP_ABORTED. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelIdle?.();
    this.#stop();
    this.#listing.close();
    for (const waiter of [...this.#waiters]) waiter.fail(closedError());
    this.#options.onClose();
  }

  #enter(): () => void {
    this.#users++;
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    return () => {
      this.#users--;
      if (this.#users > 0 || this.#isClosed) return;
      this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => {
        this.#cancelIdle = undefined;
        this.#stop();
      });
    };
  }

  get #lists(): boolean {
    return this.#options.clock.monotonic() < this.#listsUntilMs;
  }

  /** True: there is more than was seen. False: only listings tell. */
  #after(seen: number, signal: AbortSignal): Promise<boolean> {
    if (this.#lists) return Promise.resolve(false);
    if (this.#isInStep && this.#revision > seen) return Promise.resolve(true);
    const { clock } = this.#options;
    // Of the failures since the last success, which wakes all who wait.
    let patience: Patience | undefined;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiters.delete(waiter);
        forget();
      };
      const waiter: Waiter = {
        wake: () => {
          end();
          resolve(!this.#lists);
        },
        fail: (error) => {
          patience ??= new Patience({ ...PATIENCE, clock });
          if (hasLabel(error, 'retryable') && !patience.endsWith(error)) return;
          end();
          // Passed on as it came.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      const forget = onAbort(signal, () => {
        this.#waiters.delete(waiter);
        reject(abortReason(signal));
      });
      this.#start();
    });
  }

  #tell(): void {
    this.#revision++;
    for (const waiter of [...this.#waiters]) waiter.wake();
  }

  #start(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    const running = new AbortController();
    this.#running = running;
    void this.#run(running.signal).finally(() => {
      if (this.#running !== running) return;
      this.#stop();
      // Who came while it ended.
      if (this.#waiters.size > 0) this.#start();
    });
  }

  #stop(): void {
    this.#running?.abort(closedError());
    this.#running = undefined;
    this.#isInStep = false;
    this.#known.clear();
  }

  /** Never rejects. Ends with the signal, or where only listings tell, or with an error for good. */
  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    for (let failures = 0; ;) {
      try {
        if (await this.#round(signal)) failures = 0;
        else failures++;
      } catch (error) {
        if (signal.aborted) return;
        this.#isInStep = false;
        failures++;
        if (isExpired(error) || failures >= MOST_FAILURES) this.#known.forgetVersion();
        for (const waiter of [...this.#waiters]) waiter.fail(error);
        if (!hasLabel(error, 'retryable')) return;
      }
      if (this.#lists) {
        this.#tell();
        return;
      }
      if (failures === 0) continue;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
      await sleep(clock, pauseMs * (0.5 + random()), signal).catch(() => undefined);
      // What fails while nobody waits is begun anew by whoever comes.
      if (signal.aborted || this.#users === 0) return;
    }
  }

  /** One watch, after a listing where one is needed. False: it ended as soon as it began. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const { clock, list, random, open } = this.#options;
    if (this.#known.version === undefined) {
      const { items, version } = await list(signal);
      throwIfAborted(signal);
      this.#known.replace(items, version);
      this.#isInStep = true;
      this.#tell();
    }
    const seconds = Math.round(WATCH_SECONDS * (0.8 + 0.2 * random()));
    const began = clock.monotonic();
    const answer = await open(this.#known.version ?? '0', seconds, signal).catch(
      (error: unknown) => {
        throwIfAborted(signal);
        if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
        this.#fallBack(error);
        return undefined;
      },
    );
    if (answer === undefined) return true;
    if (!this.#isInStep) {
      this.#isInStep = true;
      this.#tell();
    }
    let count = 0;
    try {
      await followWatch<T>(answer, { clock, silenceMs: SILENCE_MS, signal }, (events) => {
        for (const event of events) this.#known.apply(event);
        count += events.length;
        if (events.some(({ type }) => type !== 'BOOKMARK')) this.#tell();
      });
    } catch (error) {
      if (!(error instanceof NoWatchError)) throw error;
      this.#fallBack(error);
      return true;
    }
    return count > 0 || clock.monotonic() - began >= SHORTEST_MS;
  }

  #fallBack(error: unknown): void {
    const { clock, log, name, pollSeconds } = this.#options;
    this.#listsUntilMs = clock.monotonic() + FORBIDDEN_MS;
    if (this.#hasSaid) return;
    this.#hasSaid = true;
    log.warn('cannot watch, so they are listed again and again while somebody waits', {
      what: name,
      seconds: pollSeconds,
      error: messageOf(error),
    });
  }
}

function closedError(): NodepoolError {
  return new NodepoolError('NP_ABORTED', 'the provider is closed');
}
