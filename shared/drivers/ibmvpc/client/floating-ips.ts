/** Public addresses of the region. */
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';
import { unlessTaken } from './errors.ts';
import { floatingIp, type FloatingIp } from './model.ts';

export interface FloatingIpRequest {
  readonly name: string;
  /** Id of the resource group. */
  readonly groupId: string;
  /** Name of the zone. */
  readonly zone: string;
}

export interface Attachment {
  /** Ids of a machine and of a network interface of it. */
  readonly instanceId: string;
  readonly cardId: string;
  /** Id of the address. */
  readonly id: string;
}

export class FloatingIps {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** All of the account, other people's too. */
  list(signal: AbortSignal): Promise<readonly FloatingIp[]> {
    return this.#caller.all(
      { path: 'floating_ips', key: 'floating_ips', item: floatingIp },
      signal,
    );
  }

  /** Undefined: there is none. */
  get(id: string, signal: AbortSignal): Promise<FloatingIp | undefined> {
    const path = `floating_ips/${encodeURIComponent(id)}`;
    return unlessThereIsNone(
      this.#caller.call({ method: 'GET', path, answer: floatingIp }, signal),
    );
  }

  /** Undefined: the name is taken. Not repeated where the answer is lost. */
  create(
    { name, groupId, zone }: FloatingIpRequest,
    signal: AbortSignal,
  ): Promise<FloatingIp | undefined> {
    const body = { name, resource_group: { id: groupId }, zone: { name: zone } };
    return unlessTaken(
      this.#caller.call({ method: 'POST', path: 'floating_ips', body, answer: floatingIp }, signal),
    );
  }

  /** Gives the address to the interface. Safe to repeat. */
  attach({ instanceId, cardId, id }: Attachment, signal: AbortSignal): Promise<FloatingIp> {
    const [machine, card, address] = [instanceId, cardId, id].map(encodeURIComponent);
    const path = `instances/${machine ?? ''}/network_interfaces/${card ?? ''}/floating_ips/${address ?? ''}`;
    return this.#caller.call({ method: 'PUT', path, answer: floatingIp }, signal);
  }

  /** Begins the deletion, and takes it from who has it. `false`: there is none. */
  async delete(id: string, signal: AbortSignal): Promise<boolean> {
    const call = { method: 'DELETE', path: `floating_ips/${encodeURIComponent(id)}` } as const;
    const done = this.#caller.call(call, signal).then(() => true);
    return (await unlessThereIsNone(done)) ?? false;
  }
}
