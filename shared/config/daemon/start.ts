/**
 * The first steps of both daemons: arguments, configuration, pid file, background.
 *
 * Going to the background means: what can be checked is checked here, where the terminal sees it
 * (configuration, pid file), then the program is started once more, detached, with `/` as working
 * directory and no terminal, and this process ends. Unlike the original's, the umask stays.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { ConfigError } from '../../base/errors.ts';
import { loadConfig } from '../load.ts';
import type { LoadResult } from '../load.ts';
import type { Environment } from '../substitute.ts';
import { detachedArguments, parseDaemonArguments } from './arguments.ts';
import type { ArgumentsInput, DaemonName, DaemonOptions } from './arguments.ts';
import { takePidFile } from './pid-file.ts';

/** Characters: while nothing else runs, a thread pays only for what takes longer than its start. */
const ASIDE_ABOVE = 64_000;

export interface StartInput extends ArgumentsInput {
  /** The program itself, to be started detached: node's arguments and the script. */
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly pid: number;
}

export type Start =
  /** Nothing more to do; the text, if any, goes to stdout for code 0, else to stderr. */
  | { readonly kind: 'exit'; readonly code: number; readonly text: string }
  | {
      readonly kind: 'run';
      readonly options: DaemonOptions;
      readonly loaded: LoadResult;
      /** To be called at the very end of the process. */
      readonly release: () => void;
    };

export async function startDaemon(input: StartInput): Promise<Start> {
  const parsed = parseDaemonArguments(input);
  if (parsed.kind === 'exit') return parsed;
  const { options } = parsed;
  try {
    const loaded = await loadConfig({
      path: options.configPath,
      securePath: options.securePath,
      environment: input.environment,
      asideAbove: ASIDE_ABOVE,
    });
    if (options.mode === 'foreground' || options.mode === 'debug')
      return { kind: 'run', options, loaded, release: () => undefined };
    const pidFile = await takePidFile(options.pidFilePath, input.pid);
    if (options.mode === 'detached')
      return { kind: 'run', options, loaded, release: pidFile.release };
    pidFile.release();
    await startDetached(input.daemon, options, input.command);
    return { kind: 'exit', code: 0, text: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kind: 'exit', code: 1, text: error.message };
  }
}

async function startDetached(
  daemon: DaemonName,
  options: DaemonOptions,
  command: readonly string[],
): Promise<void> {
  const [program = process.execPath, ...rest] = command;
  const child = spawn(program, [...rest, ...detachedArguments(daemon, options)], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  // Rejects with the child's error if it cannot be started.
  await once(child, 'spawn');
  child.unref();
}
