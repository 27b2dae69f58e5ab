/**
 * The pid file of a daemon: says who runs, and keeps a second one from starting.
 *
 * It appears with its content in one step (a link), so nobody ever reads half of it. A file whose
 * process does not exist is stale and is taken over. Does not tell whether the process that has the
 * number today is the one that wrote it.
 */
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { readFileSync, unlinkSync } from 'node:fs';

import { ConfigError } from '../../base/errors.ts';

export interface PidFile {
  /** Removes the file if it is still ours. Never throws; synchronous, for the end of a process. */
  readonly release: () => void;
}

/** Somebody who takes over at the same moment wins at most this often. */
const MAX_ATTEMPTS = 5;

/** Rejects with NP_ALREADY_RUNNING or NP_PID_FILE. */
export async function takePidFile(
  path: string,
  pid: number,
  isAlive: (pid: number) => boolean = isRunning,
): Promise<PidFile> {
  const own = `${path}.${pid}`;
  try {
    await writeFile(own, `${pid}\n`);
    await linkOver(own, path, (other) => other !== pid && isAlive(other));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('NP_PID_FILE', `the pid file ${path} cannot be written`, {
      cause: error,
    });
  } finally {
    await unlink(own).catch(() => undefined);
  }
  return {
    release: () => {
      release(path, pid);
    },
  };
}

async function linkOver(
  own: string,
  path: string,
  isTaken: (pid: number) => boolean,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await link(own, path);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || attempt >= MAX_ATTEMPTS) throw error;
    }
    const other = await readPid(path);
    if (other !== undefined && isTaken(other))
      throw new ConfigError('NP_ALREADY_RUNNING', `process ${other} runs already, says ${path}`);
    await unlink(path).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}

/** Undefined for a file that is gone or holds no number. */
async function readPid(path: string): Promise<number | undefined> {
  try {
    return toPid(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function toPid(text: string): number | undefined {
  const pid = Number(text.trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function release(path: string, pid: number): void {
  try {
    if (toPid(readFileSync(path, 'utf8')) === pid) unlinkSync(path);
  } catch {
    // It is gone, or will be taken over as stale at the next start.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists, under another user.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
