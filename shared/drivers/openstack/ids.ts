/** What tells our things from others'. Pure. */
import { z } from 'zod';

import type { ExternalId } from '../driver.ts';

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Servers have UUIDs; under any other id there is none. */
export function isServerId(externalId: ExternalId): externalId is string {
  return typeof externalId === 'string' && UUID.test(externalId);
}

/** Neutron's limit for a description. */
const MOST_DESCRIPTION = 255;

const description = z.object({
  nodepool_node_id: z.string(),
  nodepool_provider_name: z.string(),
  nodepool_pool_name: z.string().optional(),
});

/** Floating IPs have no metadata: their description holds the tags. Empty where it is too short for them. */
export function describe(metadata: Readonly<Record<string, string>>): string {
  const { success, data } = description.safeParse(metadata);
  const text = success ? JSON.stringify(data) : '';
  return text.length <= MOST_DESCRIPTION ? text : '';
}

/** The tags in a description; undefined: it is none of ours. */
export function readDescription(
  text: string | null | undefined,
): Readonly<Record<string, string>> | undefined {
  if (!text?.startsWith('{')) return undefined;
  try {
    const { success, data } = description.safeParse(JSON.parse(text));
    if (!success) return undefined;
    const { nodepool_pool_name: pool, ...tags } = data;
    return pool === undefined ? tags : { ...tags, nodepool_pool_name: pool };
  } catch {
    return undefined;
  }
}

const driverData = z.object({ floating_ip: z.string().nullable() });

/** What stands in a node's `driver_data`: the id of its floating IP, null if it has none. */
export interface NodeData {
  readonly floating_ip: string | null;
}

/** Undefined: the node was made by somebody else, or its launch did not end. */
export function readNodeData(value: unknown): NodeData | undefined {
  const { success, data } = driverData.safeParse(value);
  return success ? data : undefined;
}
