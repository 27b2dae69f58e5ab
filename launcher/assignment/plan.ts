/**
 * From where the nodes of a request come: ready nodes first, launches for the rest. Pure.
 *
 * Nodes of one request share an availability zone: the first ready node that is taken sets it.
 */
import type { FreeNode } from './pool-view.ts';

/** For each of the request's labels, in order: the id of a ready node, or undefined to launch one. */
export interface Plan {
  readonly nodes: readonly (string | undefined)[];
  readonly availabilityZone: string | undefined;
}

/** Every node is launched. */
export function launchAll(labels: readonly string[]): Plan {
  return { nodes: labels.map(() => undefined), availabilityZone: undefined };
}

/** Takes ready nodes while they match; what is missing is launched. */
export function planWithReady(
  labels: readonly string[],
  free: (label: string) => readonly FreeNode[],
): Plan {
  const taken = new Set<string>();
  let zone: string | undefined;
  const nodes = labels.map((label) => {
    for (const node of free(label)) {
      if (taken.has(node.id)) continue;
      if (zone !== undefined && node.availabilityZone !== zone) continue;
      taken.add(node.id);
      zone ??= node.availabilityZone ?? undefined;
      return node.id;
    }
    return undefined;
  });
  return { nodes, availabilityZone: zone };
}

/**
 * A ready node for every label, or undefined. A host may have several labels, so taking the first
 * that fits could leave none for a later label: this finds an assignment if there is one (augmenting
 * paths).
 */
export function planFromInventory(
  labels: readonly string[],
  free: (label: string) => readonly FreeNode[],
): Plan | undefined {
  const holder = new Map<string, number>();
  const chosen: string[] = [];
  // More candidates than places are never needed: the others can take only so many of them.
  const candidates = labels.map((label) => {
    const first = free(label).slice(0, labels.length);
    return first.map((node) => node.id);
  });

  const place = (index: number, tried: Set<string>): boolean => {
    for (const id of candidates[index] ?? []) {
      if (tried.has(id)) continue;
      tried.add(id);
      const other = holder.get(id);
      if (other === undefined || place(other, tried)) {
        holder.set(id, index);
        chosen[index] = id;
        return true;
      }
    }
    return false;
  };

  for (let index = 0; index < labels.length; index++) {
    if (!place(index, new Set())) return undefined;
  }
  return { nodes: labels.map((_, index) => chosen[index]), availabilityZone: undefined };
}
