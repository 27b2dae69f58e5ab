/** Resolves when the signal aborts. */
import { onAbort } from '../base/wait.ts';

export function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    onAbort(stop, resolve);
  });
}
