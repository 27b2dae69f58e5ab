/**
 * The creation of things with names. IBM takes no token for repetitions, but a name is taken once in a
 * region: what has it already is what an earlier try of this creation has made, something on its way out,
 * or somebody else's, which is never touched. Where an answer is lost, the name is looked for first.
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { Creations, type Launch } from '../../cloud/creations.ts';
import { isOfSameNode } from '../../cloud/tags.ts';
import type { Groups, Grouped } from './groups.ts';

/** What can be made: a machine, an address. */
export interface Makeable extends Grouped {
  readonly id: string;
  readonly status: string;
}

/** One kind of them, and who asks IBM. */
export interface Kind<R, T extends Makeable> {
  /** For messages. */
  readonly what: string;
  /** Begins the creation. Undefined: the name is taken. */
  readonly create: (request: R, signal: AbortSignal) => Promise<T | undefined>;
  /** What has the name now. Undefined: nothing is listed. */
  readonly named: (name: string, signal: AbortSignal) => Promise<T | undefined>;
  /** Begins the deletion. */
  readonly delete: (id: string, signal: AbortSignal) => Promise<unknown>;
  /** A while in which listings may change. */
  readonly pause: (signal: AbortSignal) => Promise<unknown>;
}

/** For which node, under which name. */
export interface Making extends Launch {
  readonly name: string;
  /** Nodepool's tags of the node. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What IBM is asked for. */
export interface MakingRequest<R> {
  readonly making: Making;
  readonly body: R;
}

export type NamedCreations<R> = Creations<Making, MakingRequest<R>>;

export interface NamedCreationsOptions<R, T extends Makeable> {
  readonly kind: Kind<R, T>;
  readonly groups: Pick<Groups, 'tagsOf'>;
  readonly callsPerSecond: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Is told of what was made, or found. */
  readonly onMade: (thing: T) => void;
}

/** A creation takes a second or two: so many keep the budget of calls busy. */
const SECONDS_EACH = 4;
const FEWEST_AT_ONCE = 8;
const MOST_AT_ONCE = 40;
/** So often something of the name may come and go. */
const MOST_TRIES = 5;

export function namedCreations<R, T extends Makeable>(
  options: NamedCreationsOptions<R, T>,
): NamedCreations<R> {
  const { kind, callsPerSecond, onMade, clock, log, random } = options;
  const wanted = Math.ceil(callsPerSecond * SECONDS_EACH);
  return new Creations<Making, MakingRequest<R>>({
    ...{ clock, log, random },
    atOnce: Math.min(Math.max(wanted, FEWEST_AT_ONCE), MOST_AT_ONCE),
    steps: {
      make: (request, _, signal) => make(options, request, signal),
      // Each attempt has a name of its own.
      find: async ({ name, metadata }, _, signal) => {
        const there = await kind.named(name, signal);
        if (there === undefined || isGoing(there)) return undefined;
        if (!isOfSameNode(options.groups.tagsOf(there), metadata)) return undefined;
        onMade(there);
        return there.id;
      },
      unmake: kind.delete,
    },
  });
}

async function make<R, T extends Makeable>(
  { kind, groups, onMade }: NamedCreationsOptions<R, T>,
  { making: { name, metadata }, body }: MakingRequest<R>,
  signal: AbortSignal,
): Promise<string> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const begun = await kind.create(body, signal).catch((error: unknown) => {
      throw creationError(error);
    });
    const thing = begun ?? (await kind.named(name, signal));
    if (begun === undefined && thing !== undefined)
      assertOurs(kind.what, name, isOfSameNode(groups.tagsOf(thing), metadata), metadata);
    if (thing !== undefined && !isGoing(thing)) {
      onMade(thing);
      return thing.id;
    }
    await kind.pause(signal);
  }
  throw new CloudError('NP_CLOUD_TRANSIENT', `the name ${name} of a ${kind.what} stays taken`, {
    labels: ['retryable'],
  });
}

function isGoing({ status }: Makeable): boolean {
  return status === 'deleting';
}

/** What a creation does not find is what it was to be made of: the image, the subnet, the group. */
function creationError(error: unknown): unknown {
  if (!(error instanceof CloudError) || !hasCode(error, 'NP_CLOUD_NOT_FOUND')) return error;
  return new CloudError('NP_CLOUD_FATAL', error.message);
}

function assertOurs(
  what: string,
  name: string,
  isOurs: boolean,
  { nodepool_provider_name: provider = '' }: Readonly<Record<string, string>>,
): void {
  if (isOurs) return;
  throw new CloudError(
    'NP_CLOUD_FATAL',
    `there is a ${what} ${name} in the region that is not of provider ${provider}`,
    { hint: 'two Nodepools must not share an account and a region: give each one of its own' },
  );
}
