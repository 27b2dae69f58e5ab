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

/** The checksums of bytes that are read in order. */
export class RunningChecksums {
  readonly #hashes = {
    md5: createHash('md5'),
    sha256: createHash('sha256'),
    sha512: createHash('sha512'),
  };

  add(bytes: Uint8Array): void {
    for (const hash of Object.values(this.#hashes)) hash.update(bytes);
  }

  /** Once, at the end. */
  digest(): SentChecksums {
    const { md5, sha256, sha512 } = this.#hashes;
    return { md5: md5.digest('hex'), sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
  }
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
    const checksums = new RunningChecksums();
    let sent = 0;
    for await (const piece of createReadStream(this.#path, { highWaterMark: PIECE_BYTES })) {
      const bytes = piece as Buffer;
      checksums.add(bytes);
      sent += bytes.length;
      yield bytes;
      this.#onProgress?.(sent, this.#bytes);
    }
    this.#checksums = checksums.digest();
  }
}
