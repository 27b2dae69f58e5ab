/** What machines are put into, and the keys that lead into them. */
import type { Caller } from './caller.ts';
import { key, subnet, vpc, type Key, type Subnet, type Vpc } from './model.ts';

export class Network {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  vpcs(signal: AbortSignal): Promise<readonly Vpc[]> {
    return this.#caller.all({ path: 'vpcs', key: 'vpcs', item: vpc }, signal);
  }

  subnets(signal: AbortSignal): Promise<readonly Subnet[]> {
    return this.#caller.all({ path: 'subnets', key: 'subnets', item: subnet }, signal);
  }

  keys(signal: AbortSignal): Promise<readonly Key[]> {
    return this.#caller.all({ path: 'keys', key: 'keys', item: key }, signal);
  }
}
