/** Sizes and checksums of a build's files: those that diskimage-builder noted, else counted here. */
import { basename } from 'node:path';

import type { BuildKey } from '../../shared/store/paths.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import { digestOf } from '../files/file-digests.ts';

export interface FileSums {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal digits. Undefined: diskimage-builder noted none. */
  readonly md5: string | undefined;
  readonly sha256: string;
}

/** Of the files that are there. May take long where a file was not summed. */
export async function sumsOf(
  folder: ImageFolder,
  key: BuildKey,
  formats: readonly string[],
  signal: AbortSignal,
): Promise<FileSums[]> {
  const sums: FileSums[] = [];
  for (const format of formats.toSorted()) {
    const bytes = await folder.sizeOf(key, format);
    if (bytes === undefined) continue;
    const path = folder.pathOf(key, format);
    const { md5, sha256 } = await folder.checksumsOf(key, format);
    sums.push({
      name: basename(path),
      bytes,
      md5,
      sha256: sha256 ?? (await digestOf(path, signal)),
    });
  }
  return sums;
}
