/**
 * One running call for all who ask the same while it runs: ten slots of one host are one scan.
 *
 * Whoever joins may get what was true a moment before they asked; where that matters, use
 * `SharedListing`. A call that nobody waits for any more is aborted.
 */
import { NodepoolError } from '../base/errors.ts';
import { throwIfAborted, untilAborted } from '../base/wait.ts';

interface Running<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
}

export class SharedCalls<T> {
  readonly #running = new Map<string, Running<T>>();

  /** Joins the call that runs for the key, or begins it. */
  async run(
    key: string,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    throwIfAborted(signal);
    const running = this.#running.get(key) ?? this.#begin(key, call);
    running.waiters++;
    try {
      return await untilAborted(running.outcome, signal);
    } finally {
      running.waiters--;
      if (running.waiters === 0) {
        this.#end(key, running);
        running.controller.abort(new NodepoolError('NP_ABORTED', 'nobody waits any more'));
      }
    }
  }

  #begin(key: string, call: (signal: AbortSignal) => Promise<T>): Running<T> {
    const controller = new AbortController();
    const running: Running<T> = { outcome: call(controller.signal), controller, waiters: 0 };
    this.#running.set(key, running);
    return running;
  }

  #end(key: string, running: Running<T>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}
