/** Steps that need not wait for each other. */
import { joinSignals } from '../../base/wait.ts';

type Step<T> = (signal: AbortSignal) => Promise<T>;
type Steps<T extends readonly unknown[]> = { readonly [Key in keyof T]: Step<T[Key]> };

/**
 * Runs steps at the same time. The first that fails ends the others, and its error is the outcome, once
 * none of them runs any more.
 */
export async function together<T extends readonly unknown[]>(
  outer: AbortSignal,
  ...steps: Steps<T>
): Promise<T> {
  const failing = new AbortController();
  const { signal, dispose } = joinSignals([outer, failing.signal]);
  const running = (steps as readonly Step<unknown>[]).map(async (step) => {
    try {
      return await step(signal);
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  });
  try {
    return (await Promise.all(running)) as unknown as T;
  } finally {
    await Promise.allSettled(running);
    dispose();
  }
}
