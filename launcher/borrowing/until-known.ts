/** Waiting for what the caches will show: asked once at once, and again at each change. */
import { onAbort, abortReason } from '../../shared/base/wait.ts';
import type { Store } from '../../shared/store/store.ts';

/**
 * Resolves with the first answer of `look` that is not undefined; rejects with what it throws, or
 * with the signal's reason. Changes of one node, of its lock and of one request wake it.
 */
export function untilKnown<T>(
  store: Store,
  what: { readonly request?: string; readonly node?: string; readonly signal: AbortSignal },
  look: () => T | undefined,
): Promise<T> {
  const { request, node, signal } = what;
  return new Promise<T>((resolve, reject) => {
    const ends: (() => void)[] = [];
    const end = (): void => {
      for (const one of ends.splice(0)) one();
    };
    const again = (): void => {
      try {
        const found = look();
        if (found === undefined) return;
        end();
        resolve(found);
      } catch (error) {
        end();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onId = ({ id }: { readonly id: string }): void => {
      if (id === request || id === node) again();
    };
    ends.push(
      store.requests.cache.onChange(onId),
      store.nodes.cache.onChange(onId),
      store.nodes.cache.tree.onSettled((path) => {
        if (path === (node === undefined ? undefined : store.nodes.get(node)?.path)) again();
      }),
      store.nodes.locks.onChange((id) => {
        onId({ id });
      }),
      store.loans.onChange(again),
      store.onCurrent(again),
      onAbort(signal, () => {
        end();
        reject(abortReason(signal));
      }),
    );
    again();
  });
}
