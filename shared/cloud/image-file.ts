/** A file on its way to the cloud: read piece by piece, with checksums and progress. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Large enough for a fast network, small enough that many uploads fit in memory. */
const PIECE_BYTES = 1 << 20;

export interface SentChecksums {
  readonly md5: string;
  readonly sha256: string;
  readonly sha512: string;
}

/** One reading of the file. */
export class ImageFile {
  readonly #path: string;
  readonly #bytes: number;
  readonly #onProgress: ((sent: number, total: number) => void) | undefined;
  #checksums: SentChecksums | undefined;

  constructor(
    path: string,
    bytes: number,
    onProgress: ((sent: number, total: number) => void) | undefined,
  ) {
    this.#path = path;
    this.#bytes = bytes;
    this.#onProgress = onProgress;
  }

  /** Of what was read last; undefined: it was not read to its end. */
  get checksums(): SentChecksums | undefined {
    return this.#checksums;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    this.#checksums = undefined;
    const hashes = {
      md5: createHash('md5'),
      sha256: createHash('sha256'),
      sha512: createHash('sha512'),
    };
    let sent = 0;
    for await (const piece of createReadStream(this.#path, { highWaterMark: PIECE_BYTES })) {
      const bytes = piece as Buffer;
      for (const hash of Object.values(hashes)) hash.update(bytes);
      sent += bytes.length;
      yield bytes;
      this.#onProgress?.(sent, this.#bytes);
    }
    this.#checksums = {
      md5: hashes.md5.digest('hex'),
      sha256: hashes.sha256.digest('hex'),
      sha512: hashes.sha512.digest('hex'),
    };
  }
}
