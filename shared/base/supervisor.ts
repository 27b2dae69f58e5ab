/** Work in the background: a failure is logged, never lost, and an orderly end waits for all of it. */
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

export class Supervisor {
  readonly #log: Logger;
  readonly #isExpected: () => boolean;
  readonly #work = new Set<Promise<unknown>>();

  /** `isExpected`: whether failures are no news, as all is being ended. Default: they always are. */
  constructor(log: Logger, isExpected: () => boolean = () => false) {
    this.#log = log;
    this.#isExpected = isExpected;
  }

  /** How much is under way. */
  get size(): number {
    return this.#work.size;
  }

  /** `what`: for the log. */
  run(what: string, work: Promise<unknown>): void {
    const watched = work
      .catch((error: unknown) => {
        if (this.#isExpected()) return;
        this.#log.error('background work failed', { what, reason: messageOf(error), error });
      })
      .finally(() => {
        this.#work.delete(watched);
      });
    this.#work.add(watched);
  }

  /** Resolves when all that is under way now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#work);
  }
}
