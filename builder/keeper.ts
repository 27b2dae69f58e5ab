/**
 * What looks again whenever something may have changed, or when its own decision says that it is
 * time: once at a time, and never in vain for what came while it looked.
 */
import type { Clock } from '../shared/base/clock.ts';

export interface KeeperOptions {
  readonly clock: Clock;
  /** Answers when to look again at the latest, in seconds since 1970. */
  readonly look: () => Promise<number | undefined>;
  /** The net: the longest time between two looks. */
  readonly netSeconds: () => number;
  readonly onError: (error: unknown) => void;
}

export class Keeper {
  readonly #options: KeeperOptions;
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = false;
  #cancel: (() => void) | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Something may have changed. */
  changed(): void {
    this.#isWanted = true;
    if (this.#isStopped || this.#looking !== undefined) return;
    this.#cancel?.();
    this.#looking = this.#lookWhileWanted().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Resolves when no look is under way; none comes after. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#looking;
  }

  /** Never rejects. */
  async #lookWhileWanted(): Promise<void> {
    const { clock, look, netSeconds, onError } = this.#options;
    let nextAt: number | undefined;
    while (this.#isWanted && !this.#stopped()) {
      this.#isWanted = false;
      try {
        nextAt = await look();
      } catch (error) {
        onError(error);
      }
    }
    if (this.#stopped()) return;
    const untilNext = (nextAt ?? Infinity) * 1000 - clock.now();
    const ms = Math.min(netSeconds() * 1000, Math.max(0, untilNext));
    this.#cancel = clock.after(ms, () => {
      this.changed();
    });
  }

  #stopped(): boolean {
    return this.#isStopped;
  }
}
