/**
 * Tells many holders of the end of one session through a single listener: a launcher may hold
 * thousands of locks, and an AbortSignal searches its listeners one by one.
 */
import type { SessionHandle } from '../types.ts';

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `ended` once when the session ends, at once if it has; the answer calls it off. */
export function onSessionEnd(session: SessionHandle, ended: () => void): () => void {
  const { signal } = session;
  if (signal.aborted) {
    ended();
    return () => undefined;
  }
  let holders = waiting.get(signal);
  if (holders === undefined) {
    const all = new Set<() => void>();
    signal.addEventListener(
      'abort',
      () => {
        for (const one of all) one();
        all.clear();
      },
      { once: true },
    );
    waiting.set(signal, all);
    holders = all;
  }
  const set = holders;
  set.add(ended);
  return () => {
    set.delete(ended);
  };
}
