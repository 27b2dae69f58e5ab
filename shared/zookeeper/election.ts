/**
 * One leader among all processes: whoever holds the lock. The identifier lies in the lock child, as
 * with kazoo's Election, so that both sides can contend. Two leaders at once are possible for work
 * that goes on after its signal has aborted.
 */
import { Lock, type LockOptions } from './lock.ts';
import type { ZooKeeper } from './types.ts';

export class Election {
  readonly #lock: Lock;

  /** The identifier is shown to who looks, such as `<hostname>-<pid>`. */
  constructor(client: ZooKeeper, path: string, options: LockOptions & { identifier: string }) {
    this.#lock = new Lock(client, path, options);
  }

  /**
   * Waits to become the leader, then runs `leader`, whose signal aborts when leadership is lost or
   * `signal` aborts. After a loss it contends again. Resolves when `leader` ended by itself or
   * `signal` aborted; an error of `leader` that is no consequence of these goes to the caller.
   */
  async run(leader: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const held = await this.#lock
        .acquire({ signal, createParents: true })
        .catch(ifAborted(signal));
      if (held === undefined) return;
      const term = AbortSignal.any([signal, held.signal]);
      try {
        await leader(term);
        if (!held.signal.aborted) return;
      } catch (error) {
        if (!term.aborted) throw error;
      } finally {
        await held.release();
      }
    }
  }
}

function ifAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
    return undefined;
  };
}
