/**
 * Images of the fake cloud: their names and tags, and nothing of their files. They do not survive the
 * process, as with Python Nodepool's; deleting one that is not known is fine.
 */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';

import { CloudError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { ImageStore, ImageUpload, StoredImage } from '../driver.ts';

export class FakeImages implements ImageStore {
  /** That of openstacksdk where a cloud does not say. */
  readonly format = 'qcow2';
  readonly #images = new Map<string, StoredImage>();

  async upload(upload: ImageUpload, signal: AbortSignal): Promise<string> {
    const { name, file, metadata, onProgress } = upload;
    const size = await sizeOf(file);
    throwIfAborted(signal);
    onProgress?.(size, size);
    const externalId = randomUUID();
    this.#images.set(externalId, { externalId, name, metadata });
    return externalId;
  }

  delete(externalId: string): Promise<void> {
    this.#images.delete(externalId);
    return Promise.resolve();
  }

  list(): Promise<readonly StoredImage[]> {
    return Promise.resolve([...this.#images.values()]);
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new CloudError('NP_CLOUD_FATAL', `${file} cannot be uploaded`, { cause });
  }
}
