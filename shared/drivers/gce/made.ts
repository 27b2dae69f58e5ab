/** The wait for an instance that has been asked for, and why it may end badly. */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { LookUps } from '../../cloud/look-ups.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { hasAddresses } from './addresses.ts';
import type { GceInstance, InstanceBegun } from './client/instances.ts';
import { isEnding } from './creation.ts';
import type { Fates } from './fates.ts';
import type { InstanceList } from './instance-list.ts';

export interface WaitOptions {
  readonly lookUps: LookUps<GceInstance>;
  readonly listing: SharedListing<InstanceList>;
  readonly fates: Pick<Fates, 'of'>;
  readonly clock: Clock;
}

/** Google shows what is being made at once, so one that is missing in two listings is looked for. */
const ABSENT_LOOKS = 2;
/** After so long an instance that no listing has ever shown is asked for alone. */
const UNSEEN_MS = 60_000;

/** Resolves with the instance once it runs and has its addresses. */
export async function untilRunning(
  { lookUps, listing, fates, clock }: WaitOptions,
  wanted: InstanceBegun & { readonly name: string },
  signal: AbortSignal,
): Promise<GceInstance> {
  const { name, operation } = wanted;
  const beganMs = clock.monotonic();
  let isShown = false;
  let absences = 0;
  return listing.until(async (list) => {
    const shown = list.get(name);
    if (shown !== undefined && isThat(shown, wanted)) {
      isShown = true;
      absences = 0;
      return running(shown);
    }
    if (!isShown && ++absences < ABSENT_LOOKS) return undefined;
    // A listing may lag behind: the instance is not in it yet, or an earlier one of the name still is.
    const fate = await fates.of(name, operation, signal);
    if (fate === 'going-on') return undefined;
    if (!isShown && clock.monotonic() - beganMs < UNSEEN_MS) return undefined;
    const instance = await lookUps.get(name, signal);
    if (instance === undefined || !isThat(instance, wanted)) throw goneError(name);
    return running(instance);
  }, signal);
}

/** @throws CloudError NP_CLOUD_TRANSIENT where it never will. */
function running(instance: GceInstance): GceInstance | undefined {
  const { name, status, statusMessage } = instance;
  if (isEnding(instance)) {
    const why = statusMessage ? `: ${statusMessage}` : '';
    throw new CloudError('NP_CLOUD_TRANSIENT', `instance ${name} is in state ${status}${why}`, {
      labels: ['retryable'],
    });
  }
  return status === 'RUNNING' && hasAddresses(instance) ? instance : undefined;
}

function isThat({ id }: GceInstance, { id: wanted }: InstanceBegun): boolean {
  return wanted === undefined || id === wanted;
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `instance ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
