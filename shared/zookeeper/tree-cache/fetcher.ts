/**
 * Reads znodes into the tree, one read at a time for each path: news that come while a read is
 * under way lead to one more read, not to one for each. Reads of different paths are pipelined.
 */
import { isNoNode } from '../errors.ts';
import type { Stat } from '../types.ts';
import type { BatchedReads } from './batched-reads.ts';
import type { Limiter } from './limiter.ts';
import type { Tree } from './tree.ts';

interface Fetch {
  /** Something happened since the read was sent. */
  isStale: boolean;
  /** The znode came or went since the read was sent: its answer is of no use. */
  isVoid: boolean;
  /** A read is under way: what the tree has is older than what is known to have happened. */
  isReading: boolean;
  promise: Promise<Stat | undefined>;
}

export class Fetcher {
  readonly #reads: BatchedReads;
  readonly #tree: Tree;
  readonly #limiter: Limiter;
  readonly #signal: AbortSignal;
  readonly #fetches = new Map<string, Fetch>();

  /** Nothing reaches the tree any more once the signal has aborted. */
  constructor(options: { reads: BatchedReads; tree: Tree; limiter: Limiter; signal: AbortSignal }) {
    this.#reads = options.reads;
    this.#tree = options.tree;
    this.#limiter = options.limiter;
    this.#signal = options.signal;
  }

  /**
   * Reads the znode, at least once from now on. Answers the stat of the last read, undefined if it
   * does not exist. Rejects if it cannot be read.
   */
  fetch(path: string): Promise<Stat | undefined> {
    const running = this.#fetches.get(path);
    if (running !== undefined) {
      running.isStale = true;
      return running.promise;
    }
    const fetch: Fetch = {
      isStale: true,
      isVoid: false,
      isReading: true,
      promise: Promise.resolve(undefined),
    };
    this.#fetches.set(path, fetch);
    fetch.promise = this.#run(path, fetch);
    return fetch.promise;
  }

  /** Whether the znode is known to have changed since what the tree has of it. */
  isBehind(path: string): boolean {
    const running = this.#fetches.get(path);
    return running !== undefined && (running.isReading || running.isStale);
  }

  /** Znodes that are being read. */
  get size(): number {
    return this.#fetches.size;
  }

  /** Resolves when the reads that are under way have been answered. */
  async answered(): Promise<void> {
    await Promise.all([...this.#fetches.values()].map(({ promise }) => promise));
  }

  /** The znode came or went: an answer that is on its way may be older than that. */
  touched(path: string): void {
    const running = this.#fetches.get(path);
    if (running !== undefined) running.isVoid = true;
  }

  async #run(path: string, fetch: Fetch): Promise<Stat | undefined> {
    let stat: Stat | undefined;
    try {
      while (fetch.isStale) {
        // Without a promise where there is room: there are thousands of them at a start.
        const place = this.#limiter.enter();
        if (place !== undefined) await place;
        stat = await this.#read(path, fetch);
        this.#signal.throwIfAborted();
      }
    } finally {
      // In the same breath as the last look at `isStale`: news after that begin another fetch.
      this.#fetches.delete(path);
    }
    return stat;
  }

  async #read(path: string, fetch: Fetch): Promise<Stat | undefined> {
    try {
      this.#signal.throwIfAborted();
      fetch.isStale = false;
      fetch.isVoid = false;
      fetch.isReading = true;
      const entry = await this.#reads.get(path);
      fetch.isReading = false;
      if (this.#signal.aborted || fetchIsVoid(fetch)) return undefined;
      this.#tree.putData(path, entry);
      return entry.stat;
    } catch (error) {
      if (!isNoNode(error)) throw error;
      // Created again in the meantime: the next read tells.
      if (!this.#signal.aborted && !fetchIsVoid(fetch)) this.#tree.remove(path);
      return undefined;
    } finally {
      this.#limiter.leave();
    }
  }
}

// Through a function, since the compiler believes that a field just set stays as it is over an await.
const fetchIsVoid = (fetch: Fetch): boolean => fetch.isVoid;
