/**
 * One SHA-256 over all that is in a folder: names, content, whether a file may be executed, where links
 * lead. Times, owners and what no build takes from an element do not count.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { NodepoolError } from '../../shared/base/errors.ts';
import type { FileDigests } from '../files/file-digests.ts';

/** Of one folder. More is a mistake, such as an image that lies among the elements. */
export interface FolderLimits {
  readonly entries: number;
  readonly bytes: number;
}

const LIMITS: FolderLimits = { entries: 20_000, bytes: 2 * 2 ** 30 };

/** Made by tools beside the content. */
const IGNORED = new Set(['.git', '__pycache__']);
/** For people. */
const README = /^README(\.\w+)?$/i;
const EXECUTABLE = 0o111n;

/**
 * In hexadecimal digits.
 *
 * @throws NodepoolError NP_BUILD_INPUTS where the folder is too large; else what the system says.
 */
export async function folderDigest(
  path: string,
  files: FileDigests,
  limits = LIMITS,
): Promise<string> {
  const walk: Walk = { files, limits, left: { ...limits }, root: path, lines: [] };
  await walkFolder(walk, '');
  return createHash('sha256').update(JSON.stringify(walk.lines)).digest('hex');
}

interface Walk {
  readonly files: FileDigests;
  readonly limits: FolderLimits;
  readonly left: { entries: number; bytes: number };
  readonly root: string;
  readonly lines: string[][];
}

async function walkFolder(walk: Walk, inside: string): Promise<void> {
  const names = await readdir(join(walk.root, inside));
  for (const name of names.toSorted()) {
    if (IGNORED.has(name) || (inside === '' && README.test(name))) continue;
    await walkEntry(walk, join(inside, name));
  }
}

async function walkEntry(walk: Walk, name: string): Promise<void> {
  const path = join(walk.root, name);
  const stats = await lstat(path, { bigint: true });
  spend(walk, 1, 0);
  if (stats.isSymbolicLink()) {
    const target = await readlink(path);
    walk.lines.push(['link', name, target, await contentBehind(walk, path)]);
  } else if (stats.isDirectory()) {
    walk.lines.push(['folder', name]);
    await walkFolder(walk, name);
  } else if (stats.isFile()) {
    spend(walk, 0, Number(stats.size));
    const isExecutable = (stats.mode & EXECUTABLE) !== 0n;
    walk.lines.push([isExecutable ? 'program' : 'file', name, await walk.files.of(path, stats)]);
  }
}

/** A link may lead to a file of another folder. Folders behind links might lead back here. */
async function contentBehind(walk: Walk, path: string): Promise<string> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isFile()) return '';
    spend(walk, 0, Number(stats.size));
    return await walk.files.of(path, stats);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It leads to nowhere, at least here.
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return '';
    throw error;
  }
}

function spend({ left, limits, root }: Walk, entries: number, bytes: number): void {
  left.entries -= entries;
  left.bytes -= bytes;
  if (left.entries >= 0 && left.bytes >= 0) return;
  const text = `${root} has more than ${limits.entries} files or ${limits.bytes} bytes`;
  throw new NodepoolError('NP_BUILD_INPUTS', text);
}
