/**
 * A backing node with its slots, read from what is known of borrowed and launched nodes. Pure.
 *
 * The record in `user_data` and the one in `driver_data` are the original's, field by field
 * (nodepool/driver/metastatic/adapter.py): its launchers and ours take over from each other.
 */
import type { BorrowedData, BorrowedNode, LaunchedNode } from '../driver.ts';

export interface Backing {
  readonly node: BorrowedNode;
  /** The label of this provider that the node serves; each label has its own. */
  readonly label: string;
  /** Of each slot the node in it. Whoever gives one away writes it down here. */
  readonly slots: (string | undefined)[];
  /** Takes no more nodes. */
  readonly isFailed: boolean;
  /** When it was asked for, in Unix seconds. */
  readonly launchedSeconds: number;
}

/** Where a node is, or is going to be. */
export interface Place {
  readonly backing: string;
  /** From 0. */
  readonly slot: number;
}

/** What is written on a backing node when it is asked for. */
export function newBackingData(
  label: string,
  slots: number,
  launchedSeconds: number,
): BorrowedData {
  return { label, slots, failed: false, launched: launchedSeconds };
}

export function failedBackingData(data: BorrowedData): BorrowedData {
  return { ...data, failed: true };
}

/** What is written on a node in a slot. */
export function placeData(
  place: Place,
  nodeId: string,
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return { metadata, backing_node: place.backing, slot: place.slot, node: nodeId };
}

/** Undefined: the node has no place yet. */
export function placeOf(driverData: unknown): Place | undefined {
  if (typeof driverData !== 'object' || driverData === null) return undefined;
  const { backing_node: backing, slot } = driverData as Record<string, unknown>;
  if (typeof backing !== 'string' || !isSlot(slot)) return undefined;
  return { backing, slot };
}

export interface Known {
  readonly borrowed: Iterable<BorrowedNode>;
  readonly launched: Iterable<LaunchedNode>;
  /** Places that are about to be written. */
  readonly promised: ReadonlyMap<string, Place>;
  /** Whether a node is about to get a place: it leaves the one of an attempt before. */
  readonly isMoving: (node: string) => boolean;
}

/** All backing nodes by id, oldest first. */
export function readBackings({
  borrowed,
  launched,
  promised,
  isMoving,
}: Known): Map<string, Backing> {
  const places = new Map<string, (string | undefined)[]>();
  const put = (node: string, place: Place | undefined): void => {
    if (!place) return;
    const slots = places.get(place.backing) ?? [];
    places.set(place.backing, slots);
    slots[place.slot] = node;
  };
  for (const { id, driverData } of launched) {
    if (!isMoving(id)) put(id, placeOf(driverData));
  }
  for (const [id, place] of promised) put(id, place);
  const nodes = [...borrowed].sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(nodes.map((node) => [node.id, readBacking(node, places.get(node.id) ?? [])]));
}

function readBacking(node: BorrowedNode, taken: readonly (string | undefined)[]): Backing {
  const { label, slots, failed, launched } = node.data;
  const count = Math.max(isSlot(slots) ? slots : 0, taken.length);
  return {
    node,
    label: typeof label === 'string' ? label : '',
    slots: Array.from({ length: count }, (_, slot) => taken[slot]),
    isFailed: failed === true,
    launchedSeconds: typeof launched === 'number' ? launched : 0,
  };
}

function isSlot(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
