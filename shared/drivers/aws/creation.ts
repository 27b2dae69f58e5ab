/**
 * The creation of instances. AWS takes a token for repetitions: a call whose answer was lost is made
 * again and gives the same instance.
 */
import type { CreateFleetCommandInput, RunInstancesCommandInput } from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Creations } from '../../cloud/creations.ts';
import type { LaunchSpec } from '../driver.ts';
import type { Compute } from './client/compute.ts';
import { answerWithout } from './client/errors.ts';

/** A RunInstances takes a second or two: so many keep the budget of calls busy. */
const SECONDS_EACH = 4;
const FEWEST_AT_ONCE = 8;
const MOST_AT_ONCE = 40;

/** AWS's limit. */
const MOST_TOKEN = 64;

/** An instance of one type, or one for which AWS chooses among several. */
export type InstanceRequest =
  | {
      readonly kind: 'instance';
      readonly imageId: string;
      readonly input: RunInstancesCommandInput;
    }
  | { readonly kind: 'fleet'; readonly imageId: string; readonly input: CreateFleetCommandInput };

export type InstanceCreations = Creations<LaunchSpec, InstanceRequest>;

export interface InstanceCreationsOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly callsPerSecond: number;
  /** Begins the end of an instance. */
  readonly terminate: (id: string, signal: AbortSignal) => Promise<unknown>;
}

export function instanceCreations({
  compute,
  callsPerSecond,
  terminate,
  ...options
}: InstanceCreationsOptions): InstanceCreations {
  return new Creations<LaunchSpec, InstanceRequest>({
    ...options,
    atOnce: creationsAtOnce(callsPerSecond),
    steps: {
      make: (request, token, signal) => make(compute, request, token, signal),
      unmake: terminate,
    },
  });
}

/** Both kinds of creations, as many as the budget of calls may begin while the first is under way. */
export function creationsAtOnce(callsPerSecond: number): number {
  const wanted = Math.ceil(callsPerSecond * SECONDS_EACH);
  return Math.min(Math.max(wanted, FEWEST_AT_ONCE), MOST_AT_ONCE);
}

async function make(
  compute: Compute,
  request: InstanceRequest,
  token: string,
  signal: AbortSignal,
): Promise<string> {
  // AWS takes a token for one request only: with another image it is another one.
  const ClientToken = `${token}-${request.imageId}`.slice(0, MOST_TOKEN);
  if (request.kind === 'fleet')
    return compute.createFleet({ ...request.input, ClientToken }, signal);
  const { InstanceId } = await compute.runInstance({ ...request.input, ClientToken }, signal);
  if (InstanceId === undefined) throw answerWithout('RunInstances', "the instance's id");
  return InstanceId;
}
