/** What must hold of places: slots of static hosts and of backing nodes. Pure, as `invariants.ts`. */
import { BORROWER, isRack, METASTATIC } from './fleet-providers.ts';
import { placeOf, type NodeSeen } from './snapshot.ts';

/** A node that the metastatic provider keeps. */
export function isBacking({ record }: NodeSeen): boolean {
  return record?.state === 'in-use' && String(record.user_data).includes(`"${BORROWER}"`);
}

/** A place is the next one's as soon as the node in it is being deleted, where it is a host's. */
const HAS_LEFT = new Set<unknown>(['deleting', 'deleted']);

/** One slot that two nodes have. */
export function sharedPlaces(nodes: readonly NodeSeen[]): string[] {
  const owners = new Map<string, string>();
  return nodes.flatMap((node) => {
    const place = nameOfPlace(node);
    if (place === undefined) return [];
    const other = owners.get(place);
    owners.set(place, node.id);
    return other === undefined ? [] : [`nodes ${other} and ${node.id} have one place: ${place}`];
  });
}

function nameOfPlace({ record }: NodeSeen): string | undefined {
  if (!record) return undefined;
  if (record.provider === METASTATIC) {
    const place = placeOf(record);
    return place && `slot ${place.slot} of node ${place.backing}`;
  }
  if (!isRack(record.provider) || HAS_LEFT.has(record.state)) return undefined;
  return `slot ${String(record.slot)} of ${String(record.provider)}, port ${String(record.connection_port)}`;
}

/** A slot that somebody uses, on a node that is nobody's any more. */
export function lostBackings(nodes: readonly NodeSeen[]): string[] {
  const kept = new Set(nodes.filter(isBacking).map(({ id }) => id));
  return nodes.flatMap(({ id, record }) => {
    if (record?.state !== 'in-use' && record?.state !== 'hold') return [];
    const place = record.provider === METASTATIC ? placeOf(record) : undefined;
    if (!place || kept.has(place.backing)) return [];
    return [`node ${id} is in use on node ${place.backing}, which is not kept`];
  });
}

/** A backing node without a node on it, which should have been given back. */
export function unusedBackings(nodes: readonly NodeSeen[]): string[] {
  const used = new Set(
    nodes.flatMap(({ record }) => (record ? (placeOf(record)?.backing ?? []) : [])),
  );
  return nodes
    .filter((node) => isBacking(node) && !used.has(node.id))
    .map(({ id }) => `backing node ${id} is kept for nobody`);
}
