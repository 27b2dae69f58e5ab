/** The wait for a machine that has been asked for, and why it may end badly. */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { failureError } from './client/errors.ts';
import type { VpcInstance } from './client/model.ts';
import type { MachineList } from './machine-list.ts';

export interface WaitOptions {
  readonly instances: { get(id: string, signal: AbortSignal): Promise<VpcInstance | undefined> };
  readonly listing: SharedListing<MachineList>;
  readonly clock: Clock;
}

/** After so long a machine that no listing shows is asked for alone. */
const UNSEEN_MS = 60_000;

/** A machine that runs and has its address. */
export type RunningMachine = VpcInstance & {
  readonly card: { readonly id: string; readonly address: string };
};

/** Resolves with the machine once it runs. */
export async function untilRunning(
  { instances, listing, clock }: WaitOptions,
  { id, name }: { readonly id: string; readonly name: string },
  signal: AbortSignal,
): Promise<RunningMachine> {
  let isShown = false;
  let sinceMs = clock.monotonic();
  return listing.until(async (list) => {
    let machine = list.get(id);
    if (machine === undefined) {
      // A listing may lag behind.
      if (!isShown && clock.monotonic() - sinceMs < UNSEEN_MS) return undefined;
      sinceMs = clock.monotonic();
      machine = await instances.get(id, signal);
      if (machine === undefined) throw goneError(name);
    }
    isShown = true;
    if (machine.isDeleting) throw goneError(name);
    if (machine.isFailed) throw failure(machine);
    return running(machine);
  }, signal);
}

function running(machine: VpcInstance): RunningMachine | undefined {
  const { status, card } = machine;
  if (status !== 'running' || card?.address === undefined) return undefined;
  return { ...machine, card: { id: card.id, address: card.address } };
}

/** In IBM's own words. Pure. */
export function failure({
  name,
  status,
  reasons,
}: Pick<VpcInstance, 'name' | 'status' | 'reasons'>): CloudError {
  return failureError(`machine ${name} is in state ${status}`, reasons);
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `machine ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
