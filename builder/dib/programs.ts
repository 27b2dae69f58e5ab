/**
 * What a command runs, as far as it can be told cheaply: its programs by their content, and the version
 * of diskimage-builder that is installed with them.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';

import type { Clock } from '../../shared/base/clock.ts';
import { FileDigests } from '../files/file-digests.ts';

/** They run others, and nothing of them goes into an image. */
const WRAPPERS = new Set(['bash', 'sh', 'sudo', 'env', 'nice', 'ionice', 'python3', 'timeout']);
const INSTALLED = /^diskimage_builder-.+\.(dist|egg)-info$/;

export class Programs {
  readonly #files: FileDigests;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#files = new FileDigests(clock);
  }

  /** In words that are the same for the same programs, wherever they lie. */
  async place(command: readonly string[], searchPath: string): Promise<string> {
    const found: string[] = [];
    for (const word of command) {
      if (word.startsWith('-') || WRAPPERS.has(basename(word))) continue;
      const path = await programAt(word, searchPath);
      if (path === undefined) continue;
      const digest = await this.#files.of(path, await stat(path, { bigint: true }));
      found.push(`${basename(word)} ${digest}`, ...(await installedNear(path)));
    }
    return ['programs', ...found].join(' ');
  }
}

/** Its true path; undefined: there is no such file. */
async function programAt(word: string, searchPath: string): Promise<string | undefined> {
  const paths = word.includes('/')
    ? [word]
    : searchPath.split(delimiter).map((folder) => join(folder, word));
  for (const path of paths) {
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile() === true) return realpath(path);
  }
  return undefined;
}

/** Beside `bin/disk-image-create`, pip and distributions leave a folder that is named after the version. */
async function installedNear(program: string): Promise<string[]> {
  const lib = join(dirname(dirname(program)), 'lib');
  const names: string[] = [];
  for (const python of (await namesIn(lib)).filter((name) => name.startsWith('python3')))
    for (const packages of ['site-packages', 'dist-packages'])
      names.push(...(await namesIn(join(lib, python, packages))));
  return names.filter((name) => INSTALLED.test(name)).toSorted();
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
