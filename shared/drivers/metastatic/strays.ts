/**
 * Idle nodes whose backing node is gone, by whatever hand: nobody shall be given one. Those in use
 * are their users' affair. The original hands them out.
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { sleep } from '../../base/wait.ts';
import type { Borrowing } from '../driver.ts';
import { placeOf, type Backing } from './backing.ts';

/** After a try that failed. */
const RETRY_MS = 5_000;

export interface StraysOptions {
  readonly borrowing: Borrowing;
  readonly clock: Clock;
  readonly log: Logger;
  readonly backings: () => ReadonlyMap<string, Backing>;
  readonly onChange: () => void;
}

export class Strays {
  readonly #options: StraysOptions;
  readonly #closing = new AbortController();
  #work: Promise<void> | undefined;

  constructor(options: StraysOptions) {
    this.#options = options;
  }

  turn(backings: ReadonlyMap<string, Backing>): void {
    if (this.#work || this.#closing.signal.aborted || this.#find(backings).length === 0) return;
    this.#work = this.#discard()
      .catch(async (error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.#options.log.warn('nodes without backing node are not deleted yet', { error });
        await sleep(this.#options.clock, RETRY_MS, this.#closing.signal).catch(() => undefined);
      })
      .finally(() => {
        this.#work = undefined;
        this.#options.onChange();
      });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
  }

  async #discard(): Promise<void> {
    const { borrowing, backings } = this.#options;
    // What looks gone may only not be known yet.
    await borrowing.settled(this.#closing.signal);
    for (const id of this.#find(backings())) {
      await borrowing.discard(id, 'its backing node is gone');
    }
  }

  #find(backings: ReadonlyMap<string, Backing>): string[] {
    return [...this.#options.borrowing.launched()]
      .filter(({ isIdle, driverData }) => {
        const place = placeOf(driverData);
        return isIdle && place !== undefined && !backings.has(place.backing);
      })
      .map(({ id }) => id);
  }
}
