/** Machines of the region. What IBM does with them goes on after its answers. */
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';
import { unlessTaken } from './errors.ts';
import { instance, type VpcInstance } from './model.ts';

/** What a machine is made from, in IBM's words. */
export type InstanceRequest = Readonly<Record<string, unknown>>;

export class Instances {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** All of the account, other people's too. */
  list(signal: AbortSignal): Promise<readonly VpcInstance[]> {
    return this.#caller.all({ path: 'instances', key: 'instances', item: instance }, signal);
  }

  /** Undefined: there is none. */
  get(id: string, signal: AbortSignal): Promise<VpcInstance | undefined> {
    const path = `instances/${encodeURIComponent(id)}`;
    return unlessThereIsNone(this.#caller.call({ method: 'GET', path, answer: instance }, signal));
  }

  /** Names are unique in a region. Undefined: there is none of this name. */
  async named(name: string, signal: AbortSignal): Promise<VpcInstance | undefined> {
    const [found] = await this.#caller.all(
      { path: 'instances', key: 'instances', item: instance, query: { name }, isShared: false },
      signal,
    );
    return found;
  }

  /**
   * Begins the creation. Undefined: the name is taken, maybe by what an earlier call of ours has made.
   * Not repeated where the answer is lost: the caller looks first.
   */
  create(request: InstanceRequest, signal: AbortSignal): Promise<VpcInstance | undefined> {
    return unlessTaken(
      this.#caller.call(
        { method: 'POST', path: 'instances', body: request, answer: instance },
        signal,
      ),
    );
  }

  /** Begins the deletion. `false`: there is none. */
  async delete(id: string, signal: AbortSignal): Promise<boolean> {
    const call = { method: 'DELETE', path: `instances/${encodeURIComponent(id)}` } as const;
    const done = this.#caller.call(call, signal).then(() => true);
    return (await unlessThereIsNone(done)) ?? false;
  }
}
