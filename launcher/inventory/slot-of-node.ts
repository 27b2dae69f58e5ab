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
  const host = hostOfNode(record);
  return (
    slots.find((slot) => hostKeyOf(slot) === host && slot.slot === record.slot) ??
    slots.find((slot) => hostKeyOf(slot) === host)
  );
}
