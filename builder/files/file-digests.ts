/**
 * SHA-256 of files, read again only when they may have changed: a look at what is as before costs one
 * `lstat` each.
 */
import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import type { Clock } from '../../shared/base/clock.ts';

interface Known {
  readonly mark: string;
  readonly digest: string;
}

/**
 * A file changed in the same moment as it was read may have the times of before (the system's clock for
 * files ticks in hundredths of a second, some file systems' in two seconds): what is that new is read
 * again.
 */
const SETTLED_MS = 3000;

/** What is known of the files of one place. */
export class FileDigests {
  readonly #clock: Pick<Clock, 'now'>;
  #known = new Map<string, Known>();
  #seen = new Map<string, Known>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** `stats` are the file's, read before. */
  async of(path: string, stats: BigIntStats): Promise<string> {
    const { ino, size, mtimeNs, ctimeNs } = stats;
    const mark = [ino, size, mtimeNs, ctimeNs].join(' ');
    const known = this.#seen.get(path) ?? this.#known.get(path);
    const digest = known?.mark === mark ? known.digest : await digestOf(path);
    const changedMs = Number(ctimeNs) / 1e6;
    if (this.#clock.now() - changedMs > SETTLED_MS) this.#seen.set(path, { mark, digest });
    return digest;
  }

  /** Forgets the files that were not asked for since the last call. */
  forgetUnseen(): void {
    this.#known = this.#seen;
    this.#seen = new Map();
  }
}

/** In hexadecimal digits. Rejects where the file cannot be read. */
export async function digestOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}
