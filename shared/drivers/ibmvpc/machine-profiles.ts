/** Profiles of the region: what machines of each take. */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { Kept } from '../../cloud/kept.ts';
import { listed } from '../../cloud/listed.ts';
import type { Profile } from './client/model.ts';

/** By name. */
export type ProfileList = ReadonlyMap<string, Profile>;

/** What asks IBM. */
export interface ProfileSource {
  list(signal: AbortSignal): Promise<readonly Profile[]>;
}

export interface MachineProfilesOptions {
  readonly profiles: ProfileSource;
  readonly clock: Clock;
}

/** New ones come a few times a year. */
const KEPT_SECONDS = 3600;

export class MachineProfiles {
  readonly #kept: Kept<ProfileList>;

  constructor({ profiles, clock }: MachineProfilesOptions) {
    this.#kept = new Kept(
      async (signal) => {
        const all = await profiles.list(signal);
        return new Map(all.map((one) => [one.name, one] as const));
      },
      { clock, forSeconds: KEPT_SECONDS },
    );
  }

  /** Asked for once an hour. */
  get(signal: AbortSignal): Promise<ProfileList> {
    return this.#kept.get(signal);
  }

  /**
   * The profile that a label wants. One that is missing may have come since profiles were listed, so
   * they are listed once more.
   *
   * @throws CloudError NP_CLOUD_FATAL, which says what there is instead.
   */
  async wanted(name: string, label: string, signal: AbortSignal): Promise<Profile> {
    const isFresh = this.#kept.current === undefined;
    let all = await this.get(signal);
    if (!all.has(name) && !isFresh) {
      this.#kept.drop();
      all = await this.get(signal);
    }
    const found = all.get(name);
    if (found !== undefined) return found;
    throw new CloudError(
      'NP_CLOUD_FATAL',
      `label ${label}: there is no profile ${name} in the region`,
      { hint: `it has: ${likeIt(all, name)}` },
    );
  }
}

/** Names of profiles; of its family (`bx2`), where there are some. */
function likeIt(all: ProfileList, name: string): string {
  const names = [...all.keys()].toSorted();
  const family = name.split('-')[0] ?? '';
  const alike = names.filter((one) => one.startsWith(`${family}-`));
  return listed(alike.length > 0 ? alike : names);
}
