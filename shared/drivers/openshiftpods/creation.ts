/**
 * The creation of a pod in a project that others may use, too: what has the name already is what an earlier
 * try of this creation has made, one on its way out, or somebody else's, which is never touched.
 */
import { CloudError } from '../../base/errors.ts';
import type { Cluster } from '../pods/client/cluster.ts';
import type { Pod } from '../pods/client/objects.ts';
import { isDeleting, isOwnedBy, type Owner } from '../pods/ids.ts';
import type { Pods } from '../pods/pods.ts';
import type { PodPlace } from './ids.ts';

export interface CreationOptions {
  readonly cluster: Cluster;
  readonly pods: Pods;
}

/** So often something of the name may come and go. */
const MOST_TRIES = 5;

/** Resolves when it is there, and ours. */
export async function createPod(
  { cluster, pods }: CreationOptions,
  { place, owner, body }: { place: PodPlace; owner: Owner; body: Pod },
  signal: AbortSignal,
): Promise<void> {
  const collection = cluster.pods(place.namespace);
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    if (await pods.create(collection, body, signal)) return;
    const there = await collection.get(place.name, signal);
    if (there === undefined) continue;
    if (isDeleting(there)) await pods.untilGone(place, there, signal);
    else if (isOwnedBy(there, owner)) return;
    else throw foreignError(place, owner);
  }
  throw new CloudError('NP_CLOUD_TRANSIENT', `the name ${place.name} of a pod stays taken`, {
    labels: ['retryable'],
  });
}

function foreignError({ namespace, name }: PodPlace, { provider }: Owner): CloudError {
  return new CloudError(
    'NP_CLOUD_FATAL',
    `there is a pod ${name} in project ${namespace} that is not of provider ${provider}`,
    { hint: 'two Nodepools in one project need labels of different names' },
  );
}
