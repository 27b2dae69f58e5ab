/** The elements in the folders of ELEMENTS_PATH, and what they say of themselves. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { unlessMissing } from '../../shared/base/unless-missing.ts';
import type { ElementFacts } from './used-elements.ts';

export interface Element extends ElementFacts {
  readonly path: string;
}

/**
 * By name, which is that of the folder that a link leads to. The first folder of the path wins. Folders
 * that are not here are left out: they may be in the container.
 *
 * Facts: diskimage_builder/element_dependencies.py.
 */
export async function findElements(searchPath: string): Promise<ReadonlyMap<string, Element>> {
  const found = new Map<string, Element>();
  for (const folder of searchPath.split(':').filter((one) => one !== ''))
    for (const path of await foldersIn(folder)) {
      const name = basename(path);
      if (found.has(name)) continue;
      const [needs, provides] = await Promise.all([
        linesOf(join(path, 'element-deps')),
        linesOf(join(path, 'element-provides')),
      ]);
      found.set(name, { path, needs, provides });
    }
  return found;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = (await unlessMissing(readdir(folder, { withFileTypes: true }))) ?? [];
  const paths: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(path);
    else if (entry.isSymbolicLink() && (await unlessMissing(stat(path)))?.isDirectory() === true)
      paths.push(await realpath(path));
  }
  return paths;
}

async function linesOf(path: string): Promise<string[]> {
  const text = (await unlessMissing(readFile(path, 'utf8'))) ?? '';
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
