/** Kinds of machines that the region has. */
import type { Caller } from './caller.ts';
import { profile, type Profile } from './model.ts';

export class Profiles {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(signal: AbortSignal): Promise<readonly Profile[]> {
    return this.#caller.all({ path: 'instance/profiles', key: 'profiles', item: profile }, signal);
  }
}
