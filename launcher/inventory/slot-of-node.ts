/**
 * Which place of an inventory a node stands in. Pure.
 *
 * A host is known by name, user and port; a host with several parallel jobs has several places.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { InventorySlot } from '../../shared/drivers/driver.ts';

/** The same text for the node and the configured host. */
export function hostKeyOf(host: {
  readonly name: string | null;
  readonly username: string | null;
  readonly connectionPort: unknown;
}): string {
  return `${host.name ?? ''}\0${host.username ?? ''}\0${String(host.connectionPort)}`;
}

/** The host that a static node's record names. Old records have the port as `ssh_port` only. */
export function hostOfNode(record: NodeRecord): string {
  const port = record.connection_port ?? record.ssh_port;
  return hostKeyOf({
    name: record.hostname ?? (typeof record.external_id === 'string' ? record.external_id : null),
    username: record.username,
    connectionPort: typeof port === 'number' ? port : 22,
  });
}

export function slotOfNode(
  slots: readonly InventorySlot[],
  record: NodeRecord,
): InventorySlot | undefined {
  const ofHost = slotsByHost(slots).get(hostOfNode(record)) ?? [];
  return ofHost.find(({ slot }) => slot === record.slot) ?? ofHost[0];
}

/** An inventory does not change while its provider runs, so its index is made once. */
const indexes = new WeakMap<readonly InventorySlot[], Map<string, InventorySlot[]>>();

export function slotsByHost(
  slots: readonly InventorySlot[],
): ReadonlyMap<string, readonly InventorySlot[]> {
  let index = indexes.get(slots);
  if (index) return index;
  index = new Map<string, InventorySlot[]>();
  for (const slot of slots) {
    const host = hostKeyOf(slot);
    const known = index.get(host);
    if (known) known.push(slot);
    else index.set(host, [slot]);
  }
  indexes.set(slots, index);
  return index;
}
