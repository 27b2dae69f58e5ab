/**
 * The creation of an instance. Names are ours to choose, and are made of node id and attempt: what has
 * the name already is what an earlier try of this creation has made, an instance on its way out, or
 * somebody else's, which is never touched.
 */
import { CloudError } from '../../base/errors.ts';
import type { LookUps } from '../../cloud/look-ups.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { GceInstance, InstanceBegun, InstanceRequest, Instances } from './client/instances.ts';
import { isOwnedBy, type Owner } from './ids.ts';
import type { InstanceList } from './instance-list.ts';

export interface CreationOptions {
  readonly instances: Pick<Instances, 'insert'>;
  readonly listing: SharedListing<InstanceList>;
  readonly lookUps: LookUps<GceInstance>;
  /** A new UUID. */
  readonly newId: () => string;
}

/** So often something of the name may come and go. */
const MOST_TRIES = 5;

/** Resolves when the instance is there, or begins to be. */
export async function createInstance(
  { instances, listing, lookUps, newId }: CreationOptions,
  { owner, request }: { owner: Owner; request: InstanceRequest },
  signal: AbortSignal,
): Promise<InstanceBegun> {
  const { name } = request;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const begun = await instances.insert(request, newId(), signal);
    if (begun !== undefined) return begun;
    const there = await lookUps.get(name, signal);
    if (there !== undefined && !isOwnedBy(there, owner)) throw foreignError(name, owner);
    if (there !== undefined && !isEnding(there)) return { operation: undefined, id: there.id };
    if (there !== undefined)
      await listing.until((list) => list.get(name)?.id !== there.id || undefined, signal);
    else await listing.next(signal);
  }
  throw new CloudError('NP_CLOUD_TRANSIENT', `the name ${name} of an instance stays taken`, {
    labels: ['retryable'],
  });
}

/** Of an instance that goes, or stands still: nobody's launch comes to this by itself. */
const ENDINGS: readonly string[] = [
  ...['STOPPING', 'STOPPED', 'TERMINATED', 'SUSPENDING', 'SUSPENDED', 'PENDING_STOP'],
  'DEPROVISIONING',
];

export function isEnding({ status }: GceInstance): boolean {
  return ENDINGS.includes(status);
}

function foreignError(name: string, { provider }: Owner): CloudError {
  return new CloudError(
    'NP_CLOUD_FATAL',
    `there is an instance ${name} in the zone that is not of provider ${provider}`,
    { hint: 'two Nodepools must not share a project: give each one of its own' },
  );
}
