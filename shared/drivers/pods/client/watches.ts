/** One watch of a collection for all who wait for news of it. */
import type { KubeObject } from './objects.ts';

/** By name, or `namespace/name` where the collection is of all namespaces. */
export type Known<T> = ReadonlyMap<string, T>;

export class Watched<T extends KubeObject> {
  /**
   * Looks at what is known, and again after each change, until `look` finds what it is there for. What
   * this process wrote before the call is in it.
   */
  until<R>(
    _look: (objects: Known<T>) => R | undefined | Promise<R | undefined>,
    _signal: AbortSignal,
  ): Promise<R> {
    return Promise.reject(new Error('not built yet'));
  }

  /** What is known, once it is in step with the cluster. */
  current(_signal: AbortSignal): Promise<Known<T>> {
    return Promise.reject(new Error('not built yet'));
  }

  /** Ends the watch; all who wait are told NP_ABORTED. */
  close(): void {
    // Nothing runs yet.
  }
}
