/** Which logs of builds a folder has. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { parseLogName } from './names.ts';

export interface FoundLog {
  readonly build: string;
  readonly sizeBytes: number;
  /** Last change, in milliseconds since 1970. */
  readonly changedMs: number;
}

/** Logs of the image, newest first. Empty where there is no such folder. */
export async function logsIn(folder: string, image: string): Promise<FoundLog[]> {
  const names = await orNothing(readdir(folder));
  const found = await Promise.all(
    (names ?? []).map(async (name): Promise<FoundLog[]> => {
      const key = parseLogName(name);
      if (key?.image !== image) return [];
      const stat = await orNothing(lstat(join(folder, name)));
      if (!stat?.isFile()) return [];
      return [{ build: key.build, sizeBytes: stat.size, changedMs: stat.mtimeMs }];
    }),
  );
  return found.flat().toSorted((a, b) => b.changedMs - a.changedMs);
}

/** Undefined for what is not there, or has gone meanwhile. */
async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
