/** Which logs of builds a folder has. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { unlessMissing } from '../base/unless-missing.ts';
import { parseLogName } from './names.ts';

export interface FoundLog {
  readonly build: string;
  readonly sizeBytes: number;
  /** Last change, in milliseconds since 1970. */
  readonly changedMs: number;
}

/** Logs of the image, newest first. Empty where there is no such folder. */
export async function logsIn(folder: string, image: string): Promise<FoundLog[]> {
  const names = await unlessMissing(readdir(folder));
  const found = await Promise.all(
    (names ?? []).map(async (name): Promise<FoundLog[]> => {
      const key = parseLogName(name);
      if (key?.image !== image) return [];
      const stat = await unlessMissing(lstat(join(folder, name)));
      if (!stat?.isFile()) return [];
      return [{ build: key.build, sizeBytes: stat.size, changedMs: stat.mtimeMs }];
    }),
  );
  return found.flat().toSorted((a, b) => b.changedMs - a.changedMs);
}
