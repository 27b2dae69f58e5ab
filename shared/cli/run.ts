/**
 * `nodepool`: from a command line to an exit code.
 *
 * 0: done; 1: no command, validation failed, or any error; 2: the command line is wrong.
 * Facts: nodepool/cmd/nodepoolcmd.py.
 */
import yargs from 'yargs';

import { messageOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { yargsLikeArgparse } from '../config/arguments.ts';
import type { Environment } from '../config/substitute.ts';
import { createLogger } from '../telemetry/log.ts';
import type { Log, LogLevel } from '../telemetry/log.ts';
import { readLogConfig } from '../telemetry/log-config.ts';
import type { Command, Context } from './command.ts';
import { failureText } from './command-line/failure.ts';
import { usageProblem } from './command-line/usage-problem.ts';
import { wordsOf } from './command-line/words.ts';
import { commands } from './commands.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface CliInput {
  readonly args: readonly string[];
  readonly version: string;
  readonly environment: Environment;
  /** Of this machine. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Prints a line to stdout, and one to stderr. */
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
  /** Writes bytes to stdout as they are; resolves when they have been taken. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** As in a command's context. Default: there is nobody to ask. */
  readonly ask?: Context['ask'];
  /** What stdout is; undefined: no terminal. */
  readonly terminal?: Terminal | undefined;
}

interface Parsed {
  readonly c: string;
  readonly s: string | undefined;
  readonly l: string | undefined;
  readonly debug: boolean;
  readonly version: boolean;
  readonly _: readonly (string | number)[];
}

export async function runCli(input: CliInput): Promise<number> {
  let output = '';
  let parsed: Parsed & Record<string, unknown>;
  try {
    parsed = await describe().parseAsync(wordsOf(input.args, commands), {}, (_e, _a, text) => {
      output = text;
    });
  } catch (error) {
    input.warn(`nodepool: error: ${usageProblem(messageOf(error), input.args, commands)}`);
    return 2;
  }
  if (parsed.version) {
    input.print(`Nodepool version: ${input.version}`);
    return 0;
  }
  if (output !== '') {
    input.print(output);
    return 0;
  }
  const command = commands.find(({ name }) => name === parsed._[0]);
  if (command === undefined) {
    input.print(await describe().getHelp());
    return 1;
  }
  return runCommand(command, parsed, input);
}

function describe() {
  const parser = yargs([])
    .scriptName('nodepool')
    .usage('$0 [options] <command>\n\nNode pool.')
    .locale('en')
    .parserConfiguration(yargsLikeArgparse)
    .exitProcess(false)
    .fail(false)
    .strict()
    .version(false)
    .help('help')
    .alias('help', 'h')
    .option('c', {
      string: true,
      requiresArg: true,
      default: '/etc/nodepool/nodepool.yaml',
      describe: 'path to the config file',
    })
    .option('s', { string: true, requiresArg: true, describe: 'path to the secure file' })
    .option('l', { string: true, requiresArg: true, describe: 'path to the log config file' })
    .option('debug', { boolean: true, default: false, describe: 'show all details' })
    .option('version', { boolean: true, default: false, describe: 'show the version' });
  for (const { name, positional, describe: about, options } of commands) {
    const words = positional === undefined ? name : `${name} ${positional}`;
    parser.command(words, about, (own) => options?.(own) ?? own);
  }
  return parser;
}

async function runCommand(
  command: Command,
  parsed: Parsed & Record<string, unknown>,
  input: CliInput,
): Promise<number> {
  let log: Log | undefined;
  try {
    log = await openLog(parsed);
    const context: Context = {
      configPath: parsed.c,
      securePath: parsed.s,
      environment: input.environment,
      hostname: input.hostname,
      clock: input.clock,
      log: log.logger,
      signal: input.signal,
      print: input.print,
      warn: input.warn,
      write: input.write,
      ask: input.ask ?? (() => Promise.resolve(undefined)),
      terminal: input.terminal,
    };
    return await command.run(context, parsed);
  } catch (error) {
    input.warn(failureText(error, parsed.debug));
    return 1;
  } finally {
    await log?.close();
  }
}

/** A command's result is its output; its log is for those who ask, and for warnings. */
async function openLog(parsed: Parsed): Promise<Log> {
  if (parsed.debug || parsed.l === undefined) {
    const level: LogLevel = parsed.debug ? 'debug' : 'warning';
    return createLogger({ level, destination: 'stderr' });
  }
  return createLogger(await readLogConfig(parsed.l));
}
