/**
 * What a provider's cloud holds with our tags but without a znode, or beside the machine that its node
 * has: left by a crash, by a deletion that lied, or by a creation whose answer was lost. Deleted when it is seen so in two rounds, because a node's znode is there before its
 * machine, but a listing may be old.
 */
import { isDeepStrictEqual } from 'node:util';

import type { NodeRecord, NodeState } from '../../schemas/records/node.ts';
import { messageOf } from '../../shared/base/errors.ts';
import type { LeakableResource } from '../../shared/drivers/driver.ts';
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
        context.metrics.increment(`nodepool.provider.${provider.name}.leaked.${resource.kind}`);
        provider.log.warn('leaked resource deleted', { kind: resource.kind, id: resource.id });
      } catch (error) {
        suspects.add(key);
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

/** States in which a node has its machine for good: no other one can be on its way for it. */
const SETTLED: ReadonlySet<NodeState> = new Set(['ready', 'in-use', 'hold', 'used']);

/** Ours by its tags, and of no node that exists, or of a node that has another machine. Pure. */
export function isLeaked(
  resource: LeakableResource,
  provider: string,
  nodeOf: (id: string) => Pick<NodeRecord, 'state' | 'external_id'> | undefined,
): boolean {
  const { nodepool_provider_name: owner, nodepool_node_id: id } = resource.metadata;
  if (owner !== provider || id === undefined) return false;
  const node = nodeOf(id);
  if (!node) return true;
  return (
    resource.externalId !== undefined &&
    SETTLED.has(node.state) &&
    node.external_id !== null &&
    !isDeepStrictEqual(node.external_id, resource.externalId)
  );
}
