/**
 * What a provider's cloud holds with our tags but without a znode, or beside the machine that its node
 * has: left by a crash, by a deletion that lied, or by a creation whose answer was lost. Deleted when it is seen so in two rounds, because a node's znode is there before its
 * machine, but a listing may be old.
 */
import { messageOf } from '../../shared/base/errors.ts';
import { isLeaked } from '../../shared/rules/nodes/leaked.ts';
import { leaked, leakDeletionsFailed } from '../../shared/telemetry/names/nodes.ts';
import type { Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';

export class LeakFinder {
  readonly #suspects = new Map<string, Set<string>>();

  async sweep(context: Context, provider: ProviderRuntime): Promise<void> {
    const { leaks } = provider.connection;
    if (!leaks) return;
    const resources = await leaks.list(provider.signal);
    const before = this.#suspects.get(provider.name) ?? new Set<string>();
    const suspects = new Set<string>();
    for (const resource of resources) {
      if (!isLeaked(resource, provider.name, (id) => context.store.nodes.get(id)?.record)) {
        continue;
      }
      const key = `${resource.kind}\0${resource.id}`;
      if (!before.has(key)) {
        suspects.add(key);
        continue;
      }
      try {
        await leaks.delete(resource, provider.signal);
        context.metrics.increment(leaked, { provider: provider.name, kind: resource.kind });
        provider.log.warn('leaked resource deleted', { kind: resource.kind, id: resource.id });
      } catch (error) {
        suspects.add(key);
        const labels = { provider: provider.name, kind: resource.kind };
        context.metrics.increment(leakDeletionsFailed, labels);
        provider.log.warn('leaked resource not deleted yet', {
          kind: resource.kind,
          id: resource.id,
          error: messageOf(error),
        });
      }
    }
    this.#suspects.set(provider.name, suspects);
  }
}
