/** A machine in a cloud with the tags that ours have; others by argument, none where it is undefined. */
import type { LeakableResource } from '../../shared/drivers/driver.ts';

export function leakableResource(
  id: string,
  tags: Record<string, string | undefined> = {},
): LeakableResource {
  const own = { nodepool_node_id: '1', nodepool_provider_name: 'cloud' };
  const all: Record<string, string | undefined> = { ...own, ...tags };
  const metadata = Object.fromEntries(
    Object.entries(all).filter((tag): tag is [string, string] => tag[1] !== undefined),
  );
  return { kind: 'instances', id, metadata };
}
