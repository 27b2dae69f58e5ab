/** Files of disk images for tests, what a builder says of them, and what they cost this process. */
import { createHash } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ImageUpload } from '../../../shared/drivers/driver.ts';
import { PROVIDER } from './desk.ts';
import type { Resource } from './tenant.ts';

export const MIB = 1 << 20;

export interface Prepared {
  readonly upload: ImageUpload;
  readonly checksums: { readonly md5: string; readonly sha256: string; readonly sha512: string };
}

let count = 0;

/** A file of its own, no two of its pieces the same, and what a builder would say of it. */
export async function anUpload(
  place: { readonly folder: string },
  bytes: number,
  options: object = {},
): Promise<Prepared> {
  const number = ++count;
  const file = join(place.folder, `image-${number}.qcow2`);
  const hashes = ['md5', 'sha256', 'sha512'].map((name) => createHash(name));
  const pieces = function* (): Generator<Buffer> {
    for (let at = 0; at < bytes; at += MIB) {
      const piece = Buffer.alloc(Math.min(MIB, bytes - at), number + at / MIB);
      for (const hash of hashes) hash.update(piece);
      yield piece;
    }
  };
  await writeFile(file, pieces());
  const [md5 = '', sha256 = '', sha512 = ''] = hashes.map((hash) => hash.digest('hex'));
  const upload: ImageUpload = {
    name: `debian-${basename(place.folder)}-${number}`,
    image: {
      ...{ name: 'debian', username: 'zuul', pythonPath: 'auto', shellType: undefined },
      ...{ connectionType: 'ssh', connectionPort: 22, isPaused: false },
      options: { meta: {}, ...options },
    },
    file,
    checksums: { md5, sha256 },
    metadata: {
      nodepool_build_id: 'abcdef',
      nodepool_upload_id: String(number).padStart(10, '0'),
      nodepool_provider_name: PROVIDER,
    },
  };
  return { upload, checksums: { md5, sha256, sha512 } };
}

/** Of the image only the expected fields, and these: for a comparison. */
export function shown(
  image: Resource | undefined,
  expected: Readonly<Record<string, unknown>>,
): [actual: unknown, expected: unknown] {
  const keys = Object.keys(expected);
  return [Object.fromEntries(keys.map((key) => [key, image?.[key]])), expected];
}

/** What this process has open under that path. */
export async function openFiles(path: string): Promise<readonly string[]> {
  const folder = '/proc/self/fd';
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')),
  );
  return links.filter((link) => link === path);
}

/** Buffers outside of the heap that live, garbage not counted. */
export class LiveMemory {
  readonly #collect: () => void;
  readonly #before: number;
  #most = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
    this.#collect();
    this.#before = process.memoryUsage().arrayBuffers;
  }

  look(): void {
    this.#collect();
    this.#most = Math.max(this.#most, process.memoryUsage().arrayBuffers - this.#before);
  }

  get grownMiB(): number {
    return Math.round(this.#most / MIB);
  }
}
