/**
 * Waiting with an end: every wait in this project has a signal that breaks it off.
 */
import type { Clock } from './clock.ts';
import { NodepoolError } from './errors.ts';

/** The reason of an abort as an error, whatever was given to `abort()`. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof NodepoolError) return reason;
  return new NodepoolError('NP_ABORTED', 'aborted', { cause: reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}

/** Resolves after `ms`; rejects at once with the signal's reason when it aborts. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(abortReason(signal));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's outcome, or the signal's reason if that comes first. The work itself goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

/**
 * Runs work under a deadline: its signal aborts with `error()` after `ms`, or with the outer
 * signal's reason. Rejects then even if the work does not listen to its signal.
 */
export async function withDeadline<T>(
  options: { clock: Clock; ms: number; signal: AbortSignal; error: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = options.clock.after(options.ms, () => {
    controller.abort(options.error());
  });
  const onAbort = (): void => {
    controller.abort(options.signal.reason);
  };
  if (options.signal.aborted) onAbort();
  else options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    cancel();
    options.signal.removeEventListener('abort', onAbort);
  }
}
