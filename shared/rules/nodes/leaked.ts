/** What a cloud holds with our tags that no node has: left over. Pure. */
import { isDeepStrictEqual } from 'node:util';

import type { NodeRecord, NodeState } from '../../../schemas/records/node.ts';
import type { LeakableResource } from '../../drivers/driver.ts';

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
