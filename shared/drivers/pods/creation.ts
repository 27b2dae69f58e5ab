/**
 * The creation of a namespace or project. Names are ours to choose, and are made of pool, node id and
 * attempt: what has the name already is what an earlier try of this creation has made, one on its way
 * out, or somebody else's, which is never touched.
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { sleep } from '../../base/wait.ts';
import { isTaken } from './client/errors.ts';
import { isOwnedBy, tagsOf } from './ids.ts';
import { isGoing, type Space, type SpaceRequest, type Spaces } from './spaces.ts';

export interface CreationOptions {
  readonly spaces: Spaces;
  readonly clock: Clock;
}

/** So often something of the name may come and go. */
const MOST_TRIES = 5;
const PAUSE_MS = 500;

/** Resolves when it is there, and ours. */
export async function createSpace(
  { spaces, clock }: CreationOptions,
  request: SpaceRequest,
  signal: AbortSignal,
): Promise<void> {
  const { name, owner } = request;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    try {
      await spaces.create(request, signal);
      return;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const there = await spaces.find(name, signal);
    if (there !== undefined && isGoing(there)) await spaces.untilGone(there, signal);
    else if (there === undefined) await sleep(clock, PAUSE_MS, signal);
    else if (isOwnedBy(there, owner)) return;
    else throw foreignError(spaces, request, there);
  }
  throw new CloudError('NP_CLOUD_TRANSIENT', `the name ${name} of a ${spaces.what} stays taken`, {
    labels: ['retryable'],
    hint: `is there a ${spaces.what} of that name that we may not see?`,
  });
}

function foreignError(spaces: Spaces, { name, owner }: SpaceRequest, there: Space): CloudError {
  spaces.noteForeign(name);
  const { nodepool_provider_name: other = 'nobody that we know' } = tagsOf(there);
  return new CloudError(
    'NP_CLOUD_FATAL',
    `there is a ${spaces.what} ${name} that is not of provider ${owner.provider}, but of ${other}`,
    { hint: 'two Nodepools in one cluster need pools of different names' },
  );
}
