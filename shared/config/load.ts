/**
 * nodepool.yaml and the secure file from the disk to one frozen `Config`, or all reasons why not.
 */
import { readFile as readFileFromDisk, stat } from 'node:fs/promises';

import type { Config } from '../../schemas/config/model.ts';
import { messageOf } from '../base/errors.ts';
import { parseAside } from './aside/parse.ts';
import { parseWithOutside, unreadable } from './parse.ts';
import type { ParseOptions, ParseResult } from './parse.ts';

export { parseConfig } from './parse.ts';

export interface LoadOptions extends Omit<ParseOptions, 'texts'> {
  /**
   * Texts that are longer together, in characters, are parsed in a thread of their own, so that the
   * event loop goes on; a thread costs about 0.2 s of another core. Default: never.
   */
  readonly asideAbove?: number;
  /** Ends a parsing aside. */
  readonly signal?: AbortSignal;
  /** The configuration in force: what is equal comes out of a parsing aside as the same object. */
  readonly previous?: Config;
  /** For tests; default: the file system. */
  readonly readFile?: (path: string) => Promise<string>;
}

/** What tells one state of a file from another; undefined while there is none. */
export type FileStamp = string | undefined;

export interface LoadResult extends ParseResult {
  /** The state of each file just before it was read. */
  readonly fileStamps: ReadonlyMap<string, FileStamp>;
}

/** Rejects with an `InvalidConfigError` that lists everything. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const { path, securePath, environment, builtDrivers } = options;
  const paths = [path, ...(securePath === undefined ? [] : [securePath])];
  const fileStamps = await stampFiles(paths);
  const texts = await readAll(
    paths,
    options.readFile ?? ((file) => readFileFromDisk(file, 'utf8')),
  );
  const toParse = { path, securePath, environment, builtDrivers, texts };
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const isLong = length > (options.asideAbove ?? Infinity);
  const parsed = isLong
    ? await parseAside(toParse, { signal: options.signal, previous: options.previous })
    : await parseWithOutside(toParse);
  return { ...parsed, fileStamps };
}

export async function stampFiles(paths: readonly string[]): Promise<Map<string, FileStamp>> {
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await stampFile(path)] as const)),
  );
}

async function stampFile(path: string): Promise<FileStamp> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch {
    // Why it cannot be looked at is told by whoever reads it.
    return undefined;
  }
}

async function readAll(
  paths: readonly string[],
  readFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const results = await Promise.allSettled(paths.map(readFile));
  const failed = results.flatMap((result, index) =>
    result.status === 'fulfilled'
      ? []
      : [{ path: paths[index] ?? '', reason: reasonOf(result.reason) }],
  );
  if (failed.length > 0) throw unreadable(failed);
  return results.map((result) => (result.status === 'fulfilled' ? result.value : ''));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'the user of this process may not',
  EISDIR: 'it is a directory',
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return reasons[code] ?? messageOf(error);
}
