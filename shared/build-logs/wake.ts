/**
 * Tells whoever reads a growing file when to look again: at once when the system or somebody tells of a
 * change, and now and then in any case, as network file systems tell nothing.
 */
import { watch, type FSWatcher } from 'node:fs';

import type { Clock } from '../base/clock.ts';
import { onAbort } from '../base/wait.ts';

const NET_MS = 2000;

export class Wake {
  readonly #clock: Clock;
  #watcher: FSWatcher | undefined;
  #isDue = false;
  #resolve: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has changed. */
  readonly now = (): void => {
    this.#isDue = true;
    this.#resolve?.();
  };

  /** From now on the file's changes wake, where the system can tell of them. */
  watch(path: string): void {
    try {
      this.#watcher = watch(path, { persistent: false }, this.now);
      // It can tell no more: the net remains.
      this.#watcher.on('error', () => {
        this.#watcher?.close();
      });
    } catch {
      // No more watches to be had, or the file has gone: the net remains.
    }
  }

  /** Resolves when something has changed since the last call, after a while, or on abort. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#isDue && !signal.aborted)
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(NET_MS, resolve);
        const forget = onAbort(signal, resolve);
        this.#resolve = () => {
          cancel();
          forget();
          resolve();
        };
      });
    this.#resolve?.();
    this.#resolve = undefined;
    this.#isDue = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}
