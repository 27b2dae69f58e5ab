/** The wait for a machine that has been asked for, and why it may end badly. */
import type { VirtualMachine } from '@azure/arm-compute';

import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { failureError } from './client/errors.ts';
import type { MachineBegun } from './client/machines.ts';
import { isDeleting } from './creation.ts';
import type { LookUps } from './look-up.ts';
import type { MachineList } from './machine-list.ts';

export interface WaitOptions {
  readonly lookUps: LookUps;
  readonly listing: SharedListing<MachineList>;
  readonly clock: Clock;
}

/** After so long a machine that no listing shows is asked for alone. */
const UNSEEN_MS = 60_000;

/** Resolves with the machine once it has been made. */
export async function untilMade(
  { lookUps, listing, clock }: WaitOptions,
  wanted: MachineBegun & { readonly name: string },
  signal: AbortSignal,
): Promise<VirtualMachine> {
  const { name } = wanted;
  let isShown = false;
  let sinceMs = clock.monotonic();
  return listing.until(async (list) => {
    const shown = list.get(name);
    const isHere = shown !== undefined && isThat(shown, wanted);
    isShown ||= isHere;
    if (isHere && !hasEnded(shown)) return isMade(shown) ? shown : undefined;
    // A listing may lag behind: the machine is not in it yet, or an earlier one of the name still is.
    if (!isHere && !isShown && clock.monotonic() - sinceMs < UNSEEN_MS) return undefined;
    sinceMs = clock.monotonic();
    const machine = await lookUps.view(name, signal);
    if (machine === undefined || !isThat(machine, wanted) || isDeleting(machine))
      throw goneError(name);
    if (hasEnded(machine)) throw failure(machine);
    return isMade(machine) ? machine : undefined;
  }, signal);
}

function isThat({ vmId }: VirtualMachine, { vmId: wanted }: MachineBegun): boolean {
  return vmId === undefined || wanted === undefined || vmId === wanted;
}

function isMade({ provisioningState }: VirtualMachine): boolean {
  return provisioningState === 'Succeeded';
}

function hasEnded(machine: VirtualMachine): boolean {
  const { provisioningState = '' } = machine;
  return isDeleting(machine) || provisioningState === 'Failed' || provisioningState === 'Canceled';
}

/** The instance view says why, in Azure's own words. Pure. */
export function failure({
  name = '',
  provisioningState = '',
  instanceView,
}: VirtualMachine): Error {
  const status = instanceView?.statuses?.find(({ level }) => level === 'Error');
  const { code = '', message = '' } = status ?? {};
  // ProvisioningState/failed/AllocationFailed
  const reason = code.replace(/^ProvisioningState\/failed\/?/i, '');
  return failureError(`machine ${name} is in state ${provisioningState}`, reason, message);
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `machine ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
