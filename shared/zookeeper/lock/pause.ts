/** The wait between tries of lock operations: 0.1 s, doubled up to 2 s. */
import type { Clock } from '../../base/clock.ts';

const FIRST_MS = 100;
const MAX_MS = 2_000;

/** Resolves after the wait that follows try number `turn` (from 0), or when the signal aborts. */
export function pause(clock: Clock, turn: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(turn, 10)), done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
