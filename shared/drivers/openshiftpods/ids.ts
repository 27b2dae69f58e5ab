/** Names of pods in projects that are there anyway, and what stands in nodes' records for them. Pure. */
import type { ExternalId } from '../driver.ts';
import { attemptName, POD_LENGTH } from '../pods/ids.ts';

/** Where a pod is. Projects are named as the pools that use them. */
export interface PodPlace {
  readonly namespace: string;
  readonly name: string;
}

/** Kubernetes' rules for both names; a dash joins them. */
const EXTERNAL_ID = /^[a-z0-9][-a-z0-9.]{0,315}[a-z0-9]$/;

export function podName(label: string, nodeId: string, attempt: number): string {
  return attemptName({ before: label, nodeId, attempt }, POD_LENGTH);
}

export function externalIdOf({ namespace, name }: PodPlace): string {
  return `${namespace}-${name}`;
}

/**
 * Where a pod may be, best first: an id does not say where the project's name ends. Where the configuration
 * has no such pool any more, each dash may be it.
 */
export function placesOf(externalId: ExternalId, pools: readonly string[]): readonly PodPlace[] {
  if (typeof externalId !== 'string' || !EXTERNAL_ID.test(externalId)) return [];
  const known = pools.filter((pool) => externalId.startsWith(`${pool}-`));
  // Of two pools that fit the longer one is the likelier.
  const namespaces =
    known.length > 0 ? known.toSorted((a, b) => b.length - a.length) : beginnings(externalId);
  return namespaces
    .map((namespace) => ({ namespace, name: externalId.slice(namespace.length + 1) }))
    .filter(({ name }) => name !== '');
}

function beginnings(externalId: string): string[] {
  const parts = externalId.split('-');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('-'));
}
