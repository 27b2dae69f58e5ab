/** Images of the region: IBM's own and the account's. */
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';
import { unlessTaken } from './errors.ts';
import { image, type VpcImage } from './model.ts';

export interface ImageRequest {
  readonly name: string;
  /** Id of the resource group. */
  readonly groupId: string;
  /** Where the file is: `cos://REGION/BUCKET/OBJECT`. */
  readonly fileHref: string;
  /** Name of the operating system, one of IBM's. */
  readonly operatingSystem: string;
}

export class Images {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  list(signal: AbortSignal): Promise<readonly VpcImage[]> {
    return this.#caller.all({ path: 'images', key: 'images', item: image }, signal);
  }

  /** The account's own. */
  own(signal: AbortSignal): Promise<readonly VpcImage[]> {
    const query = { visibility: 'private' };
    return this.#caller.all({ path: 'images', key: 'images', item: image, query }, signal);
  }

  /** Names are unique in a region. Undefined: there is none of this name. */
  async named(name: string, signal: AbortSignal): Promise<VpcImage | undefined> {
    const [found] = await this.#caller.all(
      { path: 'images', key: 'images', item: image, query: { name }, isShared: false },
      signal,
    );
    return found;
  }

  /** Undefined: there is none. */
  get(id: string, signal: AbortSignal): Promise<VpcImage | undefined> {
    const call = {
      method: 'GET',
      path: `images/${encodeURIComponent(id)}`,
      answer: image,
    } as const;
    return unlessThereIsNone(this.#caller.call(call, signal));
  }

  /** Begins the import. Undefined: the name is taken. Not repeated where the answer is lost. */
  create(
    { name, groupId, fileHref, operatingSystem }: ImageRequest,
    signal: AbortSignal,
  ): Promise<VpcImage | undefined> {
    const body = {
      name,
      resource_group: { id: groupId },
      file: { href: fileHref },
      operating_system: { name: operatingSystem },
    };
    return unlessTaken(
      this.#caller.call({ method: 'POST', path: 'images', body, answer: image }, signal),
    );
  }

  /** Begins the deletion. `false`: there is none. */
  async delete(id: string, signal: AbortSignal): Promise<boolean> {
    const call = { method: 'DELETE', path: `images/${encodeURIComponent(id)}` } as const;
    const done = this.#caller.call(call, signal).then(() => true);
    return (await unlessThereIsNone(done)) ?? false;
  }
}
