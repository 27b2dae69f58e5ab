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

/** Calls back once when the signal aborts, at once if it has; the answer calls it off. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  let all = listeners.get(signal);
  if (!all) {
    const added = new Set<() => void>();
    all = added;
    listeners.set(signal, added);
    signal.addEventListener(
      'abort',
      () => {
        for (const one of added) one();
        added.clear();
      },
      { once: true },
    );
  }
  // A function of its own, since the same listener may be given twice.
  const own = (): void => {
    listener();
  };
  all.add(own);
  return () => {
    all.delete(own);
  };
}

/**
 * One signal may end thousands of waits, and an AbortSignal searches its listeners one by one (and
 * Node warns of more than ten): it gets one, which calls these.
 */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * One signal that aborts with the first of several. To be disposed of when the work is done: unlike
 * `AbortSignal.any` it then leaves nothing behind at a signal that lives on.
 */
export function joinSignals(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
} {
  const controller = new AbortController();
  const forget: (() => void)[] = [];
  for (const signal of signals) {
    forget.push(
      onAbort(signal, () => {
        controller.abort(signal.reason);
      }),
    );
  }
  return {
    signal: controller.signal,
    dispose: () => {
      for (const one of forget) one();
    },
  };
}

/** Resolves after `ms`; rejects at once with the signal's reason when it aborts. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const cancel = clock.after(ms, () => {
      forget();
      resolve();
    });
    const forget = onAbort(signal, () => {
      cancel();
      reject(abortReason(signal));
    });
  });
}

/** The promise's outcome, or the signal's reason if that comes first. The work itself goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const forget = onAbort(signal, () => {
      reject(abortReason(signal));
    });
    promise.then(resolve, reject).finally(forget);
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
  const forget = onAbort(options.signal, () => {
    controller.abort(options.signal.reason);
  });
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    cancel();
    forget();
  }
}
