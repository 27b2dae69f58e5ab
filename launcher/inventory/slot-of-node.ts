/**
 * Which place of an inventory a node stands in. Pure.
 *
 * A host is known by name, user and port; a host with several parallel jobs has several places.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { InventorySlot } from '../../shared/drivers/driver.ts';
import { hostKeyOf, hostOfNode } from '../../shared/rules/nodes/host-of-node.ts';

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
