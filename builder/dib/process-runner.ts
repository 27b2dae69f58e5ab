/**
 * diskimage-builder as processes of this machine, in a group of their own: it starts many.
 *
 *   start -> note -> (runs) -> ended -> note removed
 *                      +-> abort: SIGTERM to the group (it unmounts), a grace time, SIGKILL -> ended
 *
 * The note, a file beside the images, tells the next builder which group to end if this one dies.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../../shared/base/clock.ts';
import { messageOf, NodepoolError } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { sleep, throwIfAborted, untilAborted } from '../../shared/base/wait.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import type { DibJob, DibRunner } from './runner.ts';
import { Programs } from './programs.ts';
import { groupLives, signalGroup, startOf } from './process-group.ts';

export interface ProcessRunnerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the notes: `images-dir`. */
  readonly folder: string;
  /** What diskimage-builder gets beside its own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From SIGTERM to SIGKILL. Default: 30 seconds, to unmount what is mounted. */
  readonly graceMs?: number;
}

interface Started {
  readonly pid: number;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
}

interface Note {
  /** Of the group, which is the first process's. */
  readonly pid: number;
  /** When that process started, in the system's ticks: a number that comes again is another's. */
  readonly start: string;
}

const GRACE_MS = 30_000;
const LOOK_MS = 100;
/** No name that a Python builder would take for a file of a build, and delete. */
const NOTE_NAME = /^\.build\.([0-9a-z]+)\.json$/;

export class ProcessRunner implements DibRunner {
  readonly #options: ProcessRunnerOptions;
  readonly #programs: Programs;
  /** Ids of the builds that run. */
  readonly #active = new Set<string>();
  #knowsAll = false;

  constructor(options: ProcessRunnerOptions) {
    this.#options = options;
    this.#programs = new Programs(options.clock);
  }

  async run(job: DibJob, signal: AbortSignal): Promise<number> {
    throwIfAborted(signal);
    const { build } = job.key;
    const { pid, exited } = await this.#start(job);
    const notePath = join(this.#options.folder, `.build.${build}.json`);
    this.#active.add(build);
    try {
      const note: Note = { pid, start: (await startOf(pid)) ?? '' };
      await writeFile(notePath, JSON.stringify(note));
      return await untilAborted(exited, signal);
    } finally {
      // What it left running in the background would hold mounts and loop devices.
      await this.#end(pid);
      await rm(notePath, { force: true });
      this.#active.delete(build);
    }
  }

  place(command: readonly string[]): Promise<string> {
    return this.#programs.place(command, this.#options.environment.PATH ?? '');
  }

  get hasLeft(): boolean {
    return !this.#knowsAll;
  }

  holds({ build }: BuildKey): boolean {
    return !this.#knowsAll || this.#active.has(build);
  }

  async cleanUp(): Promise<void> {
    const { folder, log } = this.#options;
    for (const name of await readdir(folder)) {
      const build = NOTE_NAME.exec(name)?.[1];
      if (build === undefined || this.#active.has(build)) continue;
      const path = join(folder, name);
      const note = await readNote(path);
      if (note !== undefined && (await isOurs(note))) {
        log.warn('ends a build of a builder that is no more', { pid: note.pid });
        await this.#end(note.pid);
      }
      await rm(path, { force: true });
    }
    this.#knowsAll = true;
  }

  async #start({ words, environment, logPath }: DibJob): Promise<Started> {
    const [program = '', ...args] = words;
    const output = await open(logPath, 'a');
    try {
      const child = spawn(program, args, {
        // The file itself, so that no word is lost if we die, or are slow.
        stdio: ['ignore', output.fd, output.fd],
        env: { ...this.#options.environment, ...environment },
        detached: true,
      });
      // Listened to before anything is waited for: the end may come at once.
      const exited = exitOf(child);
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      return { pid: child.pid ?? 0, exited };
    } catch (error) {
      const message = `${program} could not be started: ${messageOf(error)}`;
      throw new NodepoolError('NP_BUILD_RUNNER', message, { cause: error });
    } finally {
      await output.close();
    }
  }

  /** Resolves when no process of the group is left. */
  async #end(group: number): Promise<void> {
    const { clock, graceMs = GRACE_MS } = this.#options;
    const { signal } = new AbortController();
    const forceAt = clock.monotonic() + graceMs;
    for (let sent: NodeJS.Signals | undefined; await groupLives(group);) {
      const wanted = clock.monotonic() >= forceAt ? 'SIGKILL' : 'SIGTERM';
      if (sent !== wanted) signalGroup(group, wanted);
      sent = wanted;
      await sleep(clock, LOOK_MS, signal);
    }
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 1 : -constants.signals[signal]));
    });
  });
}

/** A group keeps its number to itself until its last process has ended, even without the first. */
async function isOurs({ pid, start }: Note): Promise<boolean> {
  const now = await startOf(pid);
  return now === undefined ? groupLives(pid) : now === start;
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    const note = JSON.parse(await readFile(path, 'utf8')) as Partial<Note>;
    return typeof note.pid === 'number' && note.pid > 1 && typeof note.start === 'string'
      ? { pid: note.pid, start: note.start }
      : undefined;
  } catch {
    return undefined;
  }
}
