/**
 * What the cloud has to choose from: images by id or by filters. They are asked for once; what an id
 * stands for never changes, what filters find is kept for five minutes (as the original keeps it). All
 * of it is forgotten when AWS refuses a creation: then it may be outdated.
 */
import type { Image } from '@aws-sdk/client-ec2';

import type { AwsCloudImageOptions } from '../../../schemas/config/drivers/aws.ts';
import type { Clock } from '../../base/clock.ts';
import { Kept } from '../../cloud/kept.ts';
import type { Images } from './client/images.ts';

const FILTERS_SECONDS = 300;
/** Images that are known by id; more than a provider ever uses at a time. */
const MOST_IMAGES = 1000;

type Filters = NonNullable<AwsCloudImageOptions['imageFilters']>;

export interface CloudFactsOptions {
  readonly images: Images;
  readonly clock: Clock;
}

export class CloudFacts {
  readonly #options: CloudFactsOptions;
  readonly #byId = new Map<string, Kept<Image | undefined>>();
  readonly #byFilters = new Map<string, Kept<Image | undefined>>();

  constructor(options: CloudFactsOptions) {
    this.#options = options;
  }

  /** Forgets everything. */
  drop(): void {
    this.#byId.clear();
    this.#byFilters.clear();
  }

  /** Undefined: there is none that we may use. */
  async image(id: string, signal: AbortSignal): Promise<Image | undefined> {
    const { images } = this.#options;
    if (this.#byId.size >= MOST_IMAGES) this.#byId.clear();
    const kept = entryOf(this.#byId, id, () => new Kept((inner) => images.image(id, inner)));
    return orAskedAgain(kept, signal);
  }

  /** The newest one that fits. Undefined: none does. */
  async newest(filters: Filters, signal: AbortSignal): Promise<Image | undefined> {
    const { clock } = this.#options;
    const make = (): Kept<Image | undefined> =>
      new Kept((inner) => this.#find(filters, inner), { clock, forSeconds: FILTERS_SECONDS });
    return orAskedAgain(entryOf(this.#byFilters, JSON.stringify(filters), make), signal);
  }

  async #find(filters: Filters, signal: AbortSignal): Promise<Image | undefined> {
    const wanted = filters.map(({ name, values }) => ({ Name: name, Values: [...values] }));
    const found = await this.#options.images.find(wanted, signal);
    // `pending` and `failed` ones are shown to their owner.
    return found
      .filter(({ State = 'available' }) => State === 'available')
      .toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))[0];
  }
}

function entryOf<T>(entries: Map<string, T>, key: string, make: () => T): T {
  const known = entries.get(key);
  if (known !== undefined) return known;
  const made = make();
  entries.set(key, made);
  return made;
}

/** What is not there now may be there soon. */
async function orAskedAgain<T>(kept: Kept<T>, signal: AbortSignal): Promise<T> {
  const answer = await kept.get(signal);
  if (answer === undefined) kept.drop();
  return answer;
}
