/**
 * A fixed number of places, given out in the order in which they were asked for.
 *
 * The queue has no limit of its own: whoever waits in it has an AbortSignal with a deadline.
 */
import { abortReason, onAbort } from '../base/wait.ts';

export class Slots {
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the work once there is a place, and gives the place back at its end. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onTurn = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        this.#queue.delete(onTurn);
        reject(abortReason(signal));
      });
      this.#queue.add(onTurn);
    });
  }

  #release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
