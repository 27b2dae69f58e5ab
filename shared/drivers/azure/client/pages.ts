/** Writing to a disk that is open for it. No budget of the Resource Manager counts these calls. */
import { createHash } from 'node:crypto';

import type { Sdk } from './sdk.ts';
import { clientError } from './errors.ts';

export class Pages {
  readonly #sdk: Sdk;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  /**
   * Writes `bytes`, a multiple of 512 and at most 4 MiB, at `offset`; Azure compares their MD5. Not
   * repeated here: the same bytes may be sent again. `sasUrl`: of `Disks.grantWrite`.
   */
  async put(sasUrl: string, offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const blob = await this.#sdk.pageBlob(sasUrl);
    const transactionalContentMD5 = createHash('md5').update(bytes).digest();
    try {
      await blob.uploadPages(bytes, offset, bytes.byteLength, {
        abortSignal: signal,
        transactionalContentMD5,
      });
    } catch (error) {
      throw clientError(error);
    }
  }
}
