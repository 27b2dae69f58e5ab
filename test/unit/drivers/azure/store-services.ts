/** Disks, images and pages in memory, as far as the image store uses them: each call can go wrong. */
import type { Disk, Image } from '@azure/arm-compute';

import { CloudError } from '../../../../shared/base/errors.ts';
import type { StoreServices } from '../../../../shared/drivers/azure/image-store.ts';

export const SECRET = 'sig=very-secret';

export interface Trouble {
  /** `create disk`, `grant`, `put`, `revoke`, `create image`, `delete disk`, ... */
  readonly call: string;
  /** `lose`: it takes effect. Default: it does not. */
  readonly mode?: 'fail' | 'lose';
  readonly error?: Error;
  /** Default: one. */
  readonly times?: number;
}

interface StoredDisk {
  fields: Disk;
  state: string;
  bytes: Buffer;
}

export class MemoryStore implements StoreServices {
  readonly calls: string[] = [];
  readonly written: number[] = [];
  readonly diskStock = new Map<string, StoredDisk>();
  readonly imageStock = new Map<string, Image>();
  /** Addresses that were given, all of them good until they are taken out. */
  readonly addresses = new Set<string>();
  /** Called, and awaited, before each call. */
  onCall: (call: string) => void | Promise<void> = () => undefined;
  readonly #troubles: { -readonly [key in keyof Trouble]: Trouble[key] }[] = [];
  #granted = 0;

  arm(trouble: Trouble): void {
    this.#troubles.push({ times: 1, ...trouble });
  }

  readonly disks: StoreServices['disks'] = {
    list: () =>
      this.#call('list disks', () =>
        [...this.diskStock.keys()].map((name) => this.#disk(name) ?? ({} as Disk)),
      ),
    get: (name) => this.#call('get disk', () => this.#disk(name)),
    create: (name, fields) =>
      this.#call('create disk', () => {
        const bytes = Buffer.alloc(fields.creationData?.uploadSizeBytes ?? 0);
        this.diskStock.set(name, { fields, state: 'ReadyToUpload', bytes });
        return { ...fields, id: `/disks/${name}` };
      }),
    grantWrite: (name) =>
      this.#call('grant', () => {
        this.#change(name, 'ActiveUpload');
        const url = `https://disks.example/${name}?grant=${++this.#granted}&${SECRET}`;
        this.addresses.add(url);
        return url;
      }),
    revoke: (name) =>
      this.#call('revoke', () => {
        this.#change(name, 'Unattached');
        const { bytes } = this.diskStock.get(name) ?? {};
        if (bytes?.subarray(-512).toString('latin1', 0, 8) !== 'conectix')
          throw refusal('InvalidVhd');
      }),
    delete: (name) =>
      this.#call('delete disk', () => {
        if (this.diskStock.get(name)?.state === 'ActiveUpload') throw refusal('the disk is open');
        return this.diskStock.delete(name);
      }),
  };

  readonly images: StoreServices['images'] = {
    list: () => this.#call('list images', () => [...this.imageStock.values()]),
    get: (name) => this.#call('get image', () => this.imageStock.get(name)),
    create: (name, fields) =>
      this.#call('create image', () => {
        if (!this.diskStock.has(name)) throw refusal('no such disk');
        this.imageStock.set(name, { ...fields, name, id: `/images/${name}` });
      }),
    delete: (name) => this.#call('delete image', () => this.imageStock.delete(name)),
  };

  readonly pages: StoreServices['pages'] = {
    put: (url, offset, bytes) =>
      this.#call('put', () => {
        if (!this.addresses.has(url)) throw refusal('the signature is over');
        const [name = ''] = new URL(url).pathname.slice(1).split('?');
        this.written.push(offset);
        this.diskStock.get(name)?.bytes.set(bytes, offset);
      }),
  };

  #disk(name: string): Disk | undefined {
    const found = this.diskStock.get(name);
    return found && { ...found.fields, name, diskState: found.state };
  }

  #change(name: string, state: string): void {
    const found = this.diskStock.get(name);
    if (found === undefined) throw refusal('no such disk');
    found.state = state;
  }

  async #call<T>(call: string, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.onCall(call);
    const trouble = this.#troubles.find((one) => one.call === call && (one.times ?? 1) > 0);
    if (trouble === undefined) return work();
    trouble.times = (trouble.times ?? 1) - 1;
    if (trouble.mode === 'lose') work();
    throw trouble.error ?? refusal(`${call} on purpose`);
  }
}

export function refusal(text: string): CloudError {
  return new CloudError('NP_CLOUD_FATAL', text);
}

export function stumble(text: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', text, { labels: ['retryable', 'ambiguous'] });
}
