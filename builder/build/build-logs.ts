/**
 * `build-log-dir`: one file for what diskimage-builder says in one build, `<image>-<build>.log`.
 */
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { unlessMissing } from '../../shared/base/unless-missing.ts';
import { FailureReader } from '../../shared/build-logs/failure.ts';
import { buildLogName } from '../../shared/build-logs/names.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import { logsToDelete, type LogFile } from '../plan/log-files.ts';
import { toLog } from '../dib/log-error.ts';

export interface BuildLogsOptions {
  readonly folder: string;
  /** How many logs of an image stay. Below 0: all. */
  readonly retention: number;
}

export class BuildLogs {
  readonly #options: BuildLogsOptions;

  constructor(options: BuildLogsOptions) {
    this.#options = options;
  }

  pathOf(key: BuildKey): string {
    return join(this.#options.folder, buildLogName(key));
  }

  /** Makes an empty log and answers its path. */
  async begin(key: BuildKey): Promise<string> {
    const path = this.pathOf(key);
    await toLog(mkdir(this.#options.folder, { recursive: true }));
    await toLog(writeFile(path, ''));
    return path;
  }

  /** The last line, as the original writes it. */
  async end(key: BuildKey, exitCode: number): Promise<void> {
    await toLog(appendFile(this.pathOf(key), `Exit code: ${exitCode}\n`));
  }

  /** Deletes old logs of the image. */
  async prune(image: string): Promise<void> {
    const { folder, retention } = this.#options;
    await mkdir(folder, { recursive: true });
    const files = await filesIn(folder);
    for (const name of logsToDelete(image, files, retention))
      await rm(join(folder, name), { force: true });
  }

  /** Its first lines, so many at most. */
  async head(key: BuildKey, count: number): Promise<string[]> {
    const lines: string[] = [];
    const input = createReadStream(this.pathOf(key), 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      lines.push(line);
      if (lines.length >= count) break;
    }
    input.destroy();
    return lines;
  }

  /** What the build failed at, in one line; undefined: the log does not tell. */
  async failureOf(key: BuildKey): Promise<string | undefined> {
    const reader = new FailureReader();
    const input = createReadStream(this.pathOf(key), 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Infinity }))
      if (!line.startsWith('Exit code: ')) reader.line(line);
    return reader.summary();
  }
}

/** Others delete logs as well: another build, or the system's own rotation. */
async function filesIn(folder: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const name of await readdir(folder)) {
    const stats = await unlessMissing(stat(join(folder, name)));
    if (stats !== undefined) files.push({ name, changedMs: stats.mtimeMs });
  }
  return files;
}
