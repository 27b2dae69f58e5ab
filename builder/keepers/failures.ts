/** How often in a row something has failed here, by its name. In memory: a new start forgives. */
import type { Clock } from '../../shared/base/clock.ts';
import { hasCode } from '../../shared/base/errors.ts';
import type { Failures } from '../../shared/rules/images/failures.ts';

export class FailureCounts {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(name: string): Failures | undefined {
    return this.#counts.get(name);
  }

  /** What ended with our session was not its own fault: it may begin again at once. */
  failed(name: string, error: unknown): void {
    if (hasCode(error, 'ZK_LOCK_LOST')) return;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { count, lastAt: this.#clock.now() / 1000 });
  }

  forget(name: string): void {
    this.#counts.delete(name);
  }

  /** Drops what nobody asks for any more. */
  keepOnly(isWanted: (name: string) => boolean): void {
    for (const name of this.#counts.keys()) if (!isWanted(name)) this.#counts.delete(name);
  }
}
