/**
 * A record whose lock we hold. Only through it are requests and nodes written: each write is one
 * transaction that also checks the lock, so a process that lost its session cannot write late.
 *
 * `signal` aborts when the lock is lost; everything that works on the record listens to it.
 */
import type { HeldLock } from '../zookeeper/lock.ts';
import type { RecordCache, Stored } from './record-cache.ts';

export class Owned<R extends object> {
  readonly id: string;
  readonly path: string;
  readonly held: HeldLock;
  readonly cache: RecordCache<R>;
  #record: R;
  #version: number;
  #hasStaged = false;

  constructor(cache: RecordCache<R>, stored: Stored<R>, held: HeldLock) {
    this.id = stored.id;
    this.path = stored.path;
    this.held = held;
    this.cache = cache;
    this.#record = stored.record;
    this.#version = stored.version;
  }

  get record(): R {
    return this.#record;
  }

  /**
   * Changes fields in memory; the next write to the record takes them along. For a change that
   * somebody else need not see before that write: it saves a round trip. Lost with the lock.
   */
  stage(patch: Partial<R>): void {
    this.#record = { ...this.#record, ...patch };
    this.#hasStaged = true;
  }

  /** Whether something waits for the next write. */
  get hasStaged(): boolean {
    return this.#hasStaged;
  }

  /** The version that the next write expects. */
  get version(): number {
    return this.#version;
  }

  get signal(): AbortSignal {
    return this.held.signal;
  }

  /** Takes over what was written or read; for the store's own modules. */
  settle(record: R, version: number): void {
    this.#record = record;
    this.#version = version;
    this.#hasStaged = false;
  }

  /** Gives the lock back without writing. Never fails: the delete is repeated until it is done. */
  async release(): Promise<void> {
    await this.held.release();
  }
}
