/**
 * Compares the nodes of an inventory provider with the places that its configuration has. Pure.
 *
 * A place without a node is registered; a node without a place is withdrawn once it is ready and
 * unlocked (one in use stays until it is used up); a node that differs from its place is corrected
 * while it is ready and free. Facts: driver/static/provider.py of Python Nodepool 11.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { InventorySlot } from '../../shared/drivers/driver.ts';
import { hostKeyOf, hostOfNode } from './slot-of-node.ts';

export interface InventoryNode {
  readonly id: string;
  readonly record: NodeRecord;
  readonly isLocked: boolean;
}

export interface SyncPlan {
  readonly register: readonly InventorySlot[];
  readonly withdraw: readonly string[];
  readonly correct: readonly { readonly id: string; readonly slot: InventorySlot }[];
}

/** Nodes in these states hold no place any more: their successor may be registered. */
const LEAVING: ReadonlySet<string> = new Set(['deleting', 'deleted']);

export function planSync(
  slots: readonly InventorySlot[],
  nodes: readonly InventoryNode[],
): SyncPlan {
  const places = new Map<string, InventorySlot>();
  for (const slot of slots) places.set(`${slot.pool}\0${hostKeyOf(slot)}\0${slot.slot}`, slot);
  const free = new Set(places.keys());
  const withdraw: string[] = [];
  const correct: { id: string; slot: InventorySlot }[] = [];

  const settle = (node: InventoryNode, key: string): void => {
    free.delete(key);
    const slot = places.get(key);
    if (slot && isFree(node) && differs(node.record, slot)) correct.push({ id: node.id, slot });
  };
  const homeless: InventoryNode[] = [];
  for (const node of nodes) {
    if (LEAVING.has(node.record.state)) continue;
    const key = `${node.record.pool ?? ''}\0${hostOfNode(node.record)}\0${String(node.record.slot)}`;
    if (free.has(key)) settle(node, key);
    else homeless.push(node);
  }
  for (const node of homeless) {
    const prefix = `${node.record.pool ?? ''}\0${hostOfNode(node.record)}\0`;
    // Nodes of old releases carry no slot: they get the first free one of their host.
    const key =
      node.record.slot === null ? [...free].find((one) => one.startsWith(prefix)) : undefined;
    if (key !== undefined) settle(node, key);
    else if (node.record.state === 'ready' && !node.isLocked) withdraw.push(node.id);
  }
  return {
    register: [...free].flatMap((key) => places.get(key) ?? []),
    withdraw,
    correct,
  };
}

/** What a node's record says of its place. */
export function slotFields(slot: InventorySlot): Partial<NodeRecord> {
  return {
    type: [...slot.labels],
    username: slot.username,
    connection_port: slot.connectionPort,
    ssh_port: slot.connectionPort,
    connection_type: slot.connectionType,
    shell_type: slot.shellType,
    python_path: slot.pythonPath,
    attributes: slot.attributes ? { ...slot.attributes } : null,
    slot: slot.slot,
  };
}

function isFree(node: InventoryNode): boolean {
  return node.record.state === 'ready' && node.record.allocated_to === null && !node.isLocked;
}

function differs(record: NodeRecord, slot: InventorySlot): boolean {
  const { record: now, wanted } = { record, wanted: slotFields(slot) };
  return Object.entries(wanted).some(
    ([key, value]) =>
      JSON.stringify(now[key as keyof NodeRecord] ?? null) !== JSON.stringify(value),
  );
}
