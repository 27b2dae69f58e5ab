/** Glance's interface, as far as Nodepool needs it. Facts: docs.openstack.org/api-ref/image/v2. */
import { z } from 'zod';

import { newestFirst } from './newest-first.ts';
import { listAll } from './pages.ts';
import { readBody } from './read.ts';
import type { Service } from './service.ts';

/** Properties of its own stand beside glance's fields, so all of them are kept. */
const image = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  status: z.string(),
  created_at: z.string().nullish(),
  /** MD5 of the data. */
  checksum: z.string().nullish(),
  os_hash_algo: z.string().nullish(),
  os_hash_value: z.string().nullish(),
  size: z.number().nullish(),
});

export type Image = z.output<typeof image>;

const importInfo = z.object({ 'import-methods': z.object({ value: z.array(z.string()) }) });

/** The data of an image, read anew for each try. */
export interface ImageData {
  readonly bytes: number;
  readonly stream: () => AsyncIterable<Uint8Array>;
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export class Images {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** The newest active image of that name, or the active one of that id. */
  async find(nameOrId: string, signal: AbortSignal): Promise<Image | undefined> {
    if (UUID.test(nameOrId)) {
      const byId = await this.image(nameOrId, signal);
      if (byId?.status === 'active') return byId;
    }
    const query = { name: nameOrId, status: 'active' };
    const images = await listAll(
      this.#service,
      { path: 'images', key: 'images', item: image, query },
      signal,
    );
    return newestFirst(images)[0];
  }

  /** All that the project may use. */
  images(signal: AbortSignal): Promise<readonly Image[]> {
    return listAll(this.#service, { path: 'images', key: 'images', item: image }, signal);
  }

  /** Undefined: there is none. */
  async image(id: string, signal: AbortSignal): Promise<Image | undefined> {
    const { status, body } = await this.#service.call(
      { method: 'GET', path: pathOf(id), expect: [404] },
      signal,
    );
    if (status === 404) return undefined;
    return readBody(image, body, 'GET images/ID');
  }

  /**
   * Makes an image without data. Its id is the caller's choice, so that it is known whatever becomes
   * of the answer: one that has the id already was made by a call before.
   */
  async create(
    id: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#service.call(
      {
        method: 'POST',
        path: 'images',
        json: { ...fields, id },
        expect: [409],
        isRepeatable: true,
      },
      signal,
    );
  }

  /** How data may come in, beside a plain upload: `glance-direct`, ... */
  async importMethods(signal: AbortSignal): Promise<readonly string[]> {
    const { status, body } = await this.#service.call(
      { method: 'GET', path: 'info/import', expect: [404] },
      signal,
    );
    if (status === 404) return [];
    return readBody(importInfo, body, 'GET info/import')['import-methods'].value;
  }

  /** Sends the data; the image is active afterwards. `false`: this cloud wants an import instead. */
  async upload(
    id: string,
    data: ImageData,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { status } = await this.#send(
      `${pathOf(id)}/file`,
      { ...data, timeoutSeconds, expect: [403, 405] },
      signal,
    );
    return status < 400;
  }

  /** Sends the data to where an import finds it, and begins the import. */
  async stageAndImport(
    id: string,
    data: ImageData,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#send(`${pathOf(id)}/stage`, { ...data, timeoutSeconds, expect: [] }, signal);
    await this.#service.call(
      {
        method: 'POST',
        path: `${pathOf(id)}/import`,
        json: { method: { name: 'glance-direct' } },
      },
      signal,
    );
  }

  /** One that is gone is no error. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#service.call({ method: 'DELETE', path: pathOf(id), expect: [404] }, signal);
  }

  #send(
    path: string,
    data: ImageData & { readonly timeoutSeconds: number; readonly expect: readonly number[] },
    signal: AbortSignal,
  ): Promise<{ readonly status: number }> {
    const { bytes, stream, timeoutSeconds, expect } = data;
    return this.#service.call(
      {
        ...{ method: 'PUT', path, stream, streamBytes: bytes, timeoutSeconds, expect },
        isRepeatable: false,
      },
      signal,
    );
  }
}

function pathOf(id: string): string {
  return `images/${encodeURIComponent(id)}`;
}
