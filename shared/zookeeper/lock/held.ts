/**
 * A lock that is held: its fence, its loss, its release.
 */
import type { Clock } from '../../base/clock.ts';
import { ZooKeeperError } from '../../base/errors.ts';
import type { MultiOp, SessionHandle, ZooKeeper } from '../types.ts';
import { deleteForSure } from './certain-delete.ts';
import { onSessionEnd } from './session-end.ts';

export interface HeldLock {
  /** The lock's path. */
  readonly path: string;
  /** Our child below it: while it exists, the lock is ours. */
  readonly childPath: string;
  /**
   * Aborts with ZK_LOCK_LOST when the session ends while the lock is held. All work that the lock
   * protects must stop then.
   */
  readonly signal: AbortSignal;
  /** The fence: an operation for a transaction that fails once the lock is lost. */
  check(): MultiOp;
  /** Gives the lock up as part of a transaction; call `released` when that succeeded. */
  releaseOp(): MultiOp;
  /** The transaction with `releaseOp`, or the deletion of the whole lock, succeeded. */
  released(): void;
  /**
   * Gives the lock up. Tried again in the background until the server confirms; resolves then, or
   * when the session ends. Never rejects.
   */
  release(): Promise<void>;
}

export interface HeldOptions {
  readonly client: ZooKeeper;
  readonly path: string;
  readonly childPath: string;
  /** The session that the child ends with; undefined for a persistent child. */
  readonly session: SessionHandle | undefined;
  readonly clock: Clock;
}

export class Held implements HeldLock {
  readonly path: string;
  readonly childPath: string;
  readonly #client: ZooKeeper;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #session: SessionHandle | undefined;
  readonly #forget: () => void;
  #release: Promise<void> | undefined;

  constructor(options: HeldOptions) {
    this.path = options.path;
    this.childPath = options.childPath;
    this.#client = options.client;
    this.#clock = options.clock;
    this.#session = options.session;
    this.#forget =
      options.session === undefined
        ? () => undefined
        : onSessionEnd(options.session, () => {
            this.#lost.abort(lostError(options));
          });
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  check(): MultiOp {
    return { op: 'check', path: this.childPath };
  }

  releaseOp(): MultiOp {
    return { op: 'delete', path: this.childPath };
  }

  released(): void {
    this.#forget();
    this.#release ??= Promise.resolve();
  }

  release(): Promise<void> {
    this.#forget();
    this.#release ??= this.#deleteChild();
    return this.#release;
  }

  #deleteChild(): Promise<void> {
    const deleted = deleteForSure(this.#client, this.childPath, this.#clock);
    const session = this.#session;
    if (session === undefined) return deleted;
    return new Promise((resolve) => {
      const forget = onSessionEnd(session, resolve);
      void deleted.then(() => {
        forget();
        resolve();
      });
    });
  }
}

function lostError({ path, session }: HeldOptions): ZooKeeperError {
  const cause: unknown = session?.signal.reason;
  return new ZooKeeperError('ZK_LOCK_LOST', `lock ${path}: lost with its session`, { cause });
}
