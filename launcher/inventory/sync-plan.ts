/**
 * Compares the nodes of an inventory provider with the places that its configuration has. Pure.
 *
 * A place without a node is registered; a node without a place is withdrawn once it is ready and free
 * (one in use stays until it is used up); a node that differs from its place is corrected while it is
 * ready and free. A host is never lent more often than it has places: a node that stands in a wrong
 * one, or in a pool that the host has left, keeps a place of the host from being filled until it goes.
 * Facts: driver/static/provider.py of Python Nodepool 11.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { InventorySlot } from '../../shared/drivers/driver.ts';
import { hostKeyOf, hostOfNode } from '../../shared/rules/nodes/host-of-node.ts';

export interface InventoryNode {
  readonly id: string;
  readonly record: NodeRecord;
  readonly isLocked: boolean;
  /** Its host has not been asked for its keys since the provider started. Default: it has. */
  readonly isUnasked?: boolean;
}

export interface SyncPlan {
  readonly register: readonly InventorySlot[];
  readonly withdraw: readonly string[];
  readonly correct: readonly { readonly id: string; readonly slot: InventorySlot }[];
}

/** Nodes in these states hold no place any more: their successor may be registered. */
const LEAVING: ReadonlySet<string> = new Set(['deleting', 'deleted']);

/** Slots and nodes of one host or of many; the plan for a host does not depend on other hosts. */
export function planSync(
  slots: readonly InventorySlot[],
  nodes: readonly InventoryNode[],
): SyncPlan {
  const places = new Places(slots);
  const present = nodes.filter(({ record }) => !LEAVING.has(record.state));
  const idle = present.filter(isIdle);
  const wanted = new Set(idle.map(({ record }) => placeOf(record)));
  // Nobody can be moved from where he works, so those in use come first.
  const homeless: InventoryNode[] = [];
  for (const node of present) {
    if (!isIdle(node) && !places.take(placeOf(node.record))) homeless.push(node);
  }
  for (const { record } of homeless) places.takeAnother(record, wanted);

  const withdraw: string[] = [];
  const correct: { id: string; slot: InventorySlot }[] = [];
  const settle = ({ id, record, isUnasked }: InventoryNode, slot: InventorySlot): void => {
    if (isUnasked === true || differs(record, slot)) correct.push({ id, slot });
  };
  const moving: InventoryNode[] = [];
  for (const node of idle) {
    const slot = places.take(placeOf(node.record));
    if (slot) settle(node, slot);
    else moving.push(node);
  }
  for (const node of moving) {
    const slot = places.takeAnother(node.record, new Set());
    if (slot?.pool === node.record.pool) settle(node, slot);
    else withdraw.push(node.id);
  }
  return { register: places.free(), withdraw, correct };
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

/** The places that are not taken yet, by their name and by their host. */
class Places {
  readonly #free = new Map<string, InventorySlot>();
  readonly #byHost = new Map<string, string[]>();

  constructor(slots: readonly InventorySlot[]) {
    for (const slot of slots) {
      const host = hostKeyOf(slot);
      const key = `${slot.pool}\0${host}\0${slot.slot}`;
      this.#free.set(key, slot);
      const keys = this.#byHost.get(host);
      if (keys) keys.push(key);
      else this.#byHost.set(host, [key]);
    }
  }

  free(): InventorySlot[] {
    return [...this.#free.values()];
  }

  take(key: string): InventorySlot | undefined {
    const slot = this.#free.get(key);
    this.#free.delete(key);
    return slot;
  }

  /** A free place of the node's host: best in its pool, and not one that others stand in. */
  takeAnother(record: NodeRecord, wanted: ReadonlySet<string>): InventorySlot | undefined {
    const keys = this.#byHost.get(hostOfNode(record)) ?? [];
    const free = keys.filter((key) => this.#free.has(key));
    const rank = (key: string): number =>
      (this.#free.get(key)?.pool === record.pool ? 0 : 2) + (wanted.has(key) ? 1 : 0);
    const [best] = free.toSorted((a, b) => rank(a) - rank(b));
    return best === undefined ? undefined : this.take(best);
  }
}

function placeOf(record: NodeRecord): string {
  return `${record.pool ?? ''}\0${hostOfNode(record)}\0${String(record.slot)}`;
}

function isIdle(node: InventoryNode): boolean {
  return node.record.state === 'ready' && node.record.allocated_to === null && !node.isLocked;
}

/** Whether the record says something else of its place than the configuration. */
export function differs(record: NodeRecord, slot: InventorySlot): boolean {
  const isMissingKey = slot.hostKeys.some((key) => !record.host_keys.includes(key));
  return (
    isMissingKey ||
    Object.entries(slotFields(slot)).some(([key, value]) => {
      const now = record[key as keyof NodeRecord] ?? null;
      return now !== value && JSON.stringify(now) !== JSON.stringify(value);
    })
  );
}
