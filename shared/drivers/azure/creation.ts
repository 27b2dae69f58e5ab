/**
 * The creation of a machine. Names are ours to choose, and are made of node id and attempt: what has the
 * name already is what an earlier try of this creation has made, a machine on its way out, or somebody
 * else's, which is never touched.
 */
import type { VirtualMachine } from '@azure/arm-compute';

import { CloudError } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { MachineBegun, Machines } from './client/machines.ts';
import { isOwnedBy, type Owner } from './ids.ts';
import type { LookUps } from './look-up.ts';
import type { MachineList } from './machine-list.ts';

export interface CreationOptions {
  readonly machines: Machines;
  readonly listing: SharedListing<MachineList>;
  readonly lookUps: LookUps;
}

/** So often something of the name may come and go. */
const MOST_TRIES = 5;

/** Resolves when the machine is there, or begins to be. */
export async function createMachine(
  { machines, listing, lookUps }: CreationOptions,
  { name, owner, request }: { name: string; owner: Owner; request: VirtualMachine },
  signal: AbortSignal,
): Promise<MachineBegun> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const begun = await machines.create(name, request, signal);
    if (begun !== undefined) return begun;
    const there = await lookUps.get(name, signal);
    if (there !== undefined && !isOwnedBy(there.tags, owner)) throw foreignError(name, owner);
    if (there !== undefined && !isDeleting(there)) return { vmId: there.vmId };
    if (there !== undefined)
      await listing.until((list) => !isSame(list.get(name), there) || undefined, signal);
    else await listing.next(signal);
  }
  throw new CloudError('NP_CLOUD_TRANSIENT', `the name ${name} of a machine stays taken`, {
    labels: ['retryable'],
  });
}

/** `provisioningState` of a machine that goes. */
export function isDeleting({ provisioningState }: VirtualMachine): boolean {
  return provisioningState === 'Deleting';
}

function isSame(machine: VirtualMachine | undefined, other: VirtualMachine): boolean {
  return machine !== undefined && machine.vmId === other.vmId;
}

function foreignError(name: string, { provider }: Owner): CloudError {
  return new CloudError(
    'NP_CLOUD_FATAL',
    `there is a machine ${name} in the resource group that is not of provider ${provider}`,
    { hint: 'two Nodepools must not share a resource group: give each one of its own' },
  );
}
