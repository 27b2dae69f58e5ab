/**
 * Which logs of builds in `build-log-dir` go. Pure.
 *
 * Names: `<image>-<build>.log`. Unlike the original, which takes every file that begins with the
 * image's name, logs of `ubuntu-noble` are no logs of `ubuntu`.
 */

import { parseLogName } from '../../shared/build-logs/names.ts';

export interface LogFile {
  readonly name: string;
  /** Last change, in milliseconds since 1970. */
  readonly changedMs: number;
}

/** `retention`: how many stay, of those that are there; below 0: all. */
export function logsToDelete(
  image: string,
  files: readonly LogFile[],
  retention: number,
): readonly string[] {
  if (retention < 0) return [];
  return files
    .filter(({ name }) => parseLogName(name)?.image === image)
    .toSorted((a, b) => b.changedMs - a.changedMs)
    .slice(Math.max(1, retention))
    .map(({ name }) => name);
}
