/** Commands of `nodepool` for the builders of a BuilderSite: in this process, or as the program. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemClock } from '../../shared/base/clock.ts';
import { runCli } from '../../shared/cli/run.ts';
import type { BuilderSite } from './builder-site.ts';

const MAIN = join(import.meta.dirname, '../../shared/cli/main.ts');
const RUN_MS = 60_000;

export interface CommandOptions {
  /** Of `nodepool.yaml`, without ZooKeeper's. */
  readonly sections?: Readonly<Record<string, unknown>>;
  /** Of the machine. Default `desk`. */
  readonly hostname?: string;
}

/** A command that runs, and what it has printed so far. */
export class RunningCommand {
  out = '';
  err = '';
  readonly done: Promise<number>;
  readonly #stop = new AbortController();

  constructor(run: (command: RunningCommand, signal: AbortSignal) => Promise<number>) {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(RUN_MS)]);
    this.done = run(this, signal);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#stop.abort(new Error('interrupted'));
  }
}

export class BuilderCommands {
  readonly #path: string;
  readonly #hostname: string;

  private constructor(path: string, hostname: string) {
    this.#path = path;
    this.#hostname = hostname;
  }

  static async make(
    site: BuilderSite,
    { sections, hostname = 'desk' }: CommandOptions = {},
  ): Promise<BuilderCommands> {
    const path = join(site.folder, `cli-${hostname}.yaml`);
    const [, host = '', port = '', chroot = ''] = /^([^:]+):(\d+)(\/.*)$/.exec(site.hosts) ?? [];
    const servers = [{ host, port: Number(port), chroot }];
    const config = {
      'zookeeper-servers': servers,
      'build-log-dir': join(site.folder, 'no-logs'),
      ...sections,
    };
    await writeFile(path, JSON.stringify(config));
    return new BuilderCommands(path, hostname);
  }

  start(...args: readonly string[]): RunningCommand {
    return new RunningCommand((command, signal) =>
      runCli({
        args: ['-c', this.#path, ...args],
        ...{ version: '1.2.3', environment: {}, hostname: this.#hostname },
        ...{ clock: systemClock, signal },
        print: (line) => {
          command.out += `${line}\n`;
        },
        warn: (line) => {
          command.err += `${line}\n`;
        },
        write: (bytes) => {
          command.out += Buffer.from(bytes).toString('latin1');
          return Promise.resolve();
        },
      }),
    );
  }

  async run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const command = this.start(...args);
    const code = await command.done;
    return { code, out: command.out, err: command.err };
  }

  /** The program itself, with pipes. */
  spawn(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ['--import=tsx', MAIN, '-c', this.#path, ...args]);
  }
}
