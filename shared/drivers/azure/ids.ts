/** What tells our things from others'. Pure. */
import type { ExternalId } from '../driver.ts';

type Tags = Readonly<Record<string, string>>;

/** Azure's rule for the names of virtual machines. */
const MACHINE_NAME = /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9_])?$/i;

/** Machines are known by their name; under any other id there is none. */
export function isMachineName(externalId: ExternalId): externalId is string {
  return typeof externalId === 'string' && MACHINE_NAME.test(externalId);
}

/** Whether an id of the Resource Manager is another's; it does not mind upper and lower case. */
export function isSameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

/** Whose something is: nodes are known by provider and id, as names are made of the id alone. */
export interface Owner {
  readonly provider: string;
  readonly nodeId: string;
}

export function isOwnedBy(tags: Tags | undefined, { provider, nodeId }: Owner): boolean {
  return tags?.nodepool_provider_name === provider && tags.nodepool_node_id === nodeId;
}

/** Of a launch: later attempts have names of their own, as the name of one that goes stays taken. */
export function machineName(hostname: string, attempt: number): string {
  return attempt === 1 ? hostname : `${hostname}-${attempt}`;
}

/** Names of what is made with a machine. Azure adds to them, and names the disk by itself. */
export const partNames = {
  nic: (machine: string): string => `${machine}-nic`,
  publicIp: (machine: string, version: 4 | 6): string => `${machine}-v${version}-ip`,
};

/** Whether something that has the tags of a machine's node was made with that very machine. */
export function isPartOf(machine: string, name: string): boolean {
  const starts = [
    partNames.nic(machine),
    partNames.publicIp(machine, 4),
    partNames.publicIp(machine, 6),
    `${machine}_`,
  ];
  return starts.some((start) => name.toLowerCase().startsWith(start.toLowerCase()));
}
