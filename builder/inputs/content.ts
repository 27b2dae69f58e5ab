/** Reads what elements have noted of an image's content, in the folder beside its files. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { NodepoolError } from '../../shared/base/errors.ts';
import { manifestKind, readManifest, type Content } from './manifests.ts';

/** A manifest of ten thousand packages has one MiB. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Of all manifests; empty where there is none. One that cannot be read is told to `onError`, and the
 * others count.
 */
export async function contentIn(
  folder: string,
  onError: (file: string, error: unknown) => void,
): Promise<Content> {
  const contents: Content[] = [];
  for (const path of await filesIn(folder)) {
    const kind = manifestKind(basename(path));
    if (kind === undefined) continue;
    try {
      const stats = await lstat(path);
      if (!stats.isFile() || stats.size > MAX_BYTES)
        throw new NodepoolError('NP_BUILD_INPUTS', `${path} is no file, or too large`);
      contents.push(readManifest(kind, await readFile(path, 'utf8')));
    } catch (error) {
      onError(path, error);
    }
  }
  return {
    packages: contents.flatMap(({ packages }) => packages),
    repositories: contents.flatMap(({ repositories }) => repositories),
  };
}

/** In the folder, and in the folders in it: they are below `dib-manifests`, unless an element moves them. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) paths.push(path);
    else paths.push(...(await readdir(path)).map((name) => join(path, name)));
  }
  return paths.toSorted();
}
