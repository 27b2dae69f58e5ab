/**
 * Resource groups: made where they are missing, and known by their ids. They are never deleted: a group
 * is free of charge, and its name stays taken for days.
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { Kept } from '../../cloud/kept.ts';
import type { ResourceGroup } from './client/model.ts';
import { tagsOf } from './ids.ts';

/** What asks IBM. */
export interface GroupSource {
  list(signal: AbortSignal): Promise<readonly ResourceGroup[]>;
  /** Undefined: there is one of the name by now. */
  create(name: string, signal: AbortSignal): Promise<ResourceGroup | undefined>;
}

export interface GroupsOptions {
  readonly resourceGroups: GroupSource;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Anything that is in a group. */
export interface Grouped {
  readonly name: string;
  readonly group: { readonly id: string; readonly name?: string | undefined };
}

/** Somebody else makes groups, too: another launcher, the builder. */
const KEPT_SECONDS = 300;
/** The listing may not show at once what somebody else has just made. */
const MOST_LOOKS = 3;

export class Groups {
  readonly #options: GroupsOptions;
  readonly #listed: Kept<readonly ResourceGroup[]>;
  /** Ids by name. */
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(options: GroupsOptions) {
    this.#options = options;
    const { resourceGroups, clock } = options;
    this.#listed = new Kept(
      async (signal) => {
        const all = await resourceGroups.list(signal);
        for (const one of all) this.#note(one);
        return all;
      },
      { clock, forSeconds: KEPT_SECONDS },
    );
  }

  /**
   * The id of the group of that name, which is made where it is missing.
   *
   * @throws CloudError NP_CLOUD_FATAL where we may not make it.
   */
  async idOf(name: string, signal: AbortSignal): Promise<string> {
    await this.#listed.get(signal);
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const known = this.#ids.get(name);
      if (known !== undefined) return known;
      const made = await this.#make(name, signal);
      if (made !== undefined) return made.id;
      this.#listed.drop();
      await this.#listed.get(signal);
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `resource group ${name} is made, but not listed`, {
      labels: ['retryable'],
    });
  }

  /** Nodepool's tags of each, by its name and its group's. */
  async tagged<T extends Grouped>(
    things: readonly T[],
    signal: AbortSignal,
  ): Promise<readonly { readonly thing: T; readonly tags: ReturnType<typeof tagsOf> }[]> {
    const isUnknown = ({ group }: Grouped): boolean =>
      group.name === undefined && !this.#names.has(group.id);
    // Without a name in it an image is in a group that only the listing can tell.
    if (things.some(isUnknown)) await this.#listed.get(signal);
    return things.map((thing) => ({ thing, tags: this.tagsOf(thing) }));
  }

  /** The same of one, as far as known. */
  tagsOf({ name, group }: Grouped): ReturnType<typeof tagsOf> {
    return tagsOf(name, group.name ?? this.#names.get(group.id));
  }

  /** What is known may be outdated. */
  drop(): void {
    this.#ids.clear();
    this.#listed.drop();
  }

  async #make(name: string, signal: AbortSignal): Promise<ResourceGroup | undefined> {
    const { resourceGroups, log } = this.#options;
    try {
      const made = await resourceGroups.create(name, signal);
      if (made !== undefined) {
        log.info('resource group made', { group: name });
        this.#note(made);
      }
      return made;
    } catch (error) {
      // The answer may be lost: the next look tells.
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      throw new CloudError(
        'NP_CLOUD_FATAL',
        `resource group ${name} is missing, and cannot be made: ${messageOf(error)}`,
        { hint: 'make it, or let the owner of the API key make resource groups', cause: error },
      );
    }
  }

  #note({ id, name, state = 'ACTIVE' }: ResourceGroup): void {
    this.#names.set(id, name);
    if (state === 'ACTIVE') this.#ids.set(name, id);
  }
}
