/**
 * What a command of `nodepool` is, and what it may use.
 */
import type { Argv } from 'yargs';

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Environment } from '../config/substitute.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface Context {
  readonly configPath: string;
  readonly securePath: string | undefined;
  readonly environment: Environment;
  /** Of this machine, as launchers on it register. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** Prints a line to stdout. */
  readonly print: (line: string) => void;
  /** Writes bytes to stdout as they are; resolves when they have been taken. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Prints a line to stderr. */
  readonly warn: (line: string) => void;
  /**
   * Prints a question to stdout and resolves with what is typed, a line without its end. Undefined: the
   * input has ended. Rejects with NP_ABORTED when the user interrupts.
   */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** What stdout is; undefined: no terminal. */
  readonly terminal?: Terminal | undefined;
}

export interface Command {
  /** As it is typed. */
  readonly name: string;
  /** Its arguments, in the notation of yargs: `<request>`. Default: none. */
  readonly positional?: string;
  readonly describe: string;
  /** Adds the command's own options. */
  readonly options?: (parser: Argv) => Argv;
  /** Resolves with the exit code. */
  run(context: Context, args: Readonly<Record<string, unknown>>): Promise<number>;
}
