/** What tells our instances from others', and what Google's links name. Pure. */
import type { ExternalId } from '../driver.ts';
import type { GceInstance } from './client/instances.ts';

/** Google's rule for the names of instances. */
const INSTANCE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Instances are known by their name; under any other id there is none. */
export function isInstanceName(externalId: ExternalId): externalId is string {
  return typeof externalId === 'string' && INSTANCE_NAME.test(externalId);
}

/** Of a launch: later attempts have names of their own, as the name of one that goes stays taken. */
export function instanceName(hostname: string, attempt: number): string {
  return attempt === 1 ? hostname : `${hostname}-${attempt}`;
}

/** Whose something is: nodes are known by provider and id, as names are made of the id alone. */
export interface Owner {
  readonly provider: string;
  readonly nodeId: string;
}

export function isOwnedBy(instance: GceInstance, { provider, nodeId }: Owner): boolean {
  const metadata = metadataOf(instance);
  return metadata.nodepool_provider_name === provider && metadata.nodepool_node_id === nodeId;
}

/** Google has no tags with values: metadata serves as such, as in the original. */
export function metadataOf({ metadata }: GceInstance): Readonly<Record<string, string>> {
  return Object.fromEntries((metadata?.items ?? []).map(({ key, value }) => [key, value ?? '']));
}

/** `n1-standard-1` of `https://www.googleapis.com/compute/v1/projects/.../n1-standard-1`. */
export function lastPart(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}
