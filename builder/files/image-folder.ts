/**
 * `images-dir`: where builds leave their files. Only files of builds are seen and touched, by their
 * names (plan/local-files.ts).
 */
import type { Stats } from 'node:fs';
import { readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { unlessMissing } from '../../shared/base/unless-missing.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import { localBuilds, type LocalBuild } from '../plan/local-files.ts';

export interface Checksums {
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
}

/** Lengths of the sums, which begin the files that hold them. */
const MD5_DIGITS = 32;
const SHA256_DIGITS = 64;
/** The unit of `st_blocks`, whatever blocks the disk has (stat(2)). */
const STAT_BLOCK_BYTES = 512;

export class ImageFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async builds(): Promise<LocalBuild[]> {
    return localBuilds(await readdir(this.path));
  }

  /** Where a build's file is, or without a format what all its names begin with. */
  pathOf({ image, build }: BuildKey, format?: string): string {
    return join(this.path, `${image}-${build}${format === undefined ? '' : `.${format}`}`);
  }

  /** In bytes; undefined: there is no such file. */
  async sizeOf(key: BuildKey, format: string): Promise<number | undefined> {
    return (await this.#statOf(key, format))?.size;
  }

  /** What a file takes on the disk, in bytes: files of images have holes. 0: there is none. */
  async allocatedBytes(key: BuildKey, format: string): Promise<number> {
    return ((await this.#statOf(key, format))?.blocks ?? 0) * STAT_BLOCK_BYTES;
  }

  /** What the largest build of the image takes on the disk, in bytes; 0: there is none. */
  async largestBytes(image: string): Promise<number> {
    const own = (await this.builds()).filter((one) => one.image === image);
    const sums = await Promise.all(
      own.map(async (one) => {
        const sizes = await Promise.all(
          one.formats.map((format) => this.allocatedBytes(one, format)),
        );
        return sizes.reduce((sum, size) => sum + size, 0);
      }),
    );
    return Math.max(0, ...sums);
  }

  /** As diskimage-builder noted them beside the file. */
  async checksumsOf(key: BuildKey, format: string): Promise<Checksums> {
    const path = this.pathOf(key, format);
    const [md5, sha256] = await Promise.all([
      readSum(`${path}.md5`, MD5_DIGITS),
      readSum(`${path}.sha256`, SHA256_DIGITS),
    ]);
    return { md5, sha256 };
  }

  /** Names that are files of builds; folders go with all that is in them. */
  async delete(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.path, name), { recursive: true, force: true });
  }

  /** Bytes that are left for us. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  #statOf(key: BuildKey, format: string): Promise<Stats | undefined> {
    return unlessMissing(stat(this.pathOf(key, format)));
  }
}

async function readSum(path: string, digits: number): Promise<string | undefined> {
  const sum = (await unlessMissing(readFile(path, 'utf8')))?.slice(0, digits);
  return sum !== undefined && new RegExp(`^[0-9a-f]{${digits}}$`, 'i').test(sum) ? sum : undefined;
}
