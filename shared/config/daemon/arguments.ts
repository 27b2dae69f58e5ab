/**
 * Command lines of the two daemons, with the options of the originals.
 *
 * Facts: nodepool/cmd/launcher.py, nodepool/cmd/builder.py, nodepool/cmd/__init__.py.
 */
import { resolve } from 'node:path';

import yargs from 'yargs';

import { messageOf } from '../../base/errors.ts';
import { fromArgparse, yargsLikeArgparse } from '../arguments.ts';

export type DaemonName = 'launcher' | 'builder';

export interface DaemonOptions {
  readonly configPath: string;
  readonly securePath: string | undefined;
  readonly logConfigPath: string | undefined;
  readonly pidFilePath: string;
  /**
   * - `background`: to be started anew, detached from the terminal.
   * - `detached`: this is the process that `background` started.
   * - `foreground`: log to stdout; `debug`: the same with all details.
   */
  readonly mode: 'background' | 'detached' | 'foreground' | 'debug';
  /** Launcher only. */
  readonly hasWebapp: boolean;
  /** Builder only. */
  readonly buildWorkers: number;
  readonly uploadWorkers: number;
}

export type ParsedArguments =
  | { readonly kind: 'run'; readonly options: DaemonOptions }
  /** The text goes to stderr if the code is not 0. */
  | { readonly kind: 'exit'; readonly code: 0 | 2; readonly text: string };

export interface ArgumentsInput {
  readonly daemon: DaemonName;
  readonly args: readonly string[];
  /** For `~` in paths. */
  readonly home: string;
  readonly cwd: string;
  readonly version: string;
}

const names = {
  shortWithValue: ['c', 's', 'l', 'p'],
  long: ['help', 'version', 'no-webapp', 'build-workers', 'upload-workers', 'detached'],
};

export async function parseDaemonArguments(input: ArgumentsInput): Promise<ParsedArguments> {
  let help = '';
  const parser = describe(input).exitProcess(false).fail(false);
  let parsed;
  try {
    parsed = await parser.parseAsync(
      fromArgparse(input.args, names),
      {},
      (_error, _argv, output) => {
        help = output;
      },
    );
  } catch (error) {
    return usageError(input, messageOf(error));
  }
  if (parsed.version) return { kind: 'exit', code: 0, text: `Nodepool version: ${input.version}` };
  if (help !== '') return { kind: 'exit', code: 0, text: help };
  const path = (text: string): string =>
    resolve(input.cwd, text === '~' || text.startsWith('~/') ? input.home + text.slice(1) : text);
  const optionalPath = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : path(text);
  const workers = [Number(parsed['build-workers'] ?? 1), Number(parsed['upload-workers'] ?? 4)];
  const [buildWorkers = NaN, uploadWorkers = NaN] = workers;
  if (!workers.every((count) => Number.isInteger(count) && count >= 0))
    return usageError(input, '--build-workers and --upload-workers take whole numbers');
  const options: DaemonOptions = {
    configPath: path(parsed.c),
    securePath: optionalPath(parsed.s),
    logConfigPath: optionalPath(parsed.l),
    pidFilePath: path(parsed.p),
    mode: modeOf(parsed),
    hasWebapp: !parsed['no-webapp'],
    buildWorkers,
    uploadWorkers,
  };
  return { kind: 'run', options };
}

function modeOf(flags: { d: boolean; f: boolean; detached: boolean }): DaemonOptions['mode'] {
  if (flags.d) return 'debug';
  if (flags.f) return 'foreground';
  return flags.detached ? 'detached' : 'background';
}

function usageError({ daemon }: ArgumentsInput, message: string): ParsedArguments {
  const program = `nodepool-${daemon}`;
  const text = `${program}: error: ${message}\n${program} --help shows the options`;
  return { kind: 'exit', code: 2, text };
}

function describe({ daemon, version }: ArgumentsInput) {
  const pidFile = daemon === 'launcher' ? 'nodepool.pid' : 'nodepool-builder.pid';
  const workers = (what: string) => `how many images to ${what} at once`;
  const isHidden = (owner: DaemonName) => owner !== daemon;
  return yargs([])
    .scriptName(`nodepool-${daemon}`)
    .usage('$0 [options]\n\nWithout -f or -d the program goes to the background.')
    .locale('en')
    .parserConfiguration(yargsLikeArgparse)
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
    .option('p', {
      string: true,
      requiresArg: true,
      default: `/var/run/nodepool/${pidFile}`,
      describe: 'path to the pid file',
    })
    .option('d', {
      boolean: true,
      default: false,
      describe: 'stay in the foreground and log all details',
    })
    .option('f', {
      boolean: true,
      default: false,
      describe: 'stay in the foreground and log to stdout',
    })
    .option('no-webapp', {
      boolean: true,
      default: false,
      hidden: isHidden('launcher'),
      describe: 'start no web server',
    })
    .option('build-workers', {
      string: true,
      requiresArg: true,
      hidden: isHidden('builder'),
      describe: workers('build'),
    })
    .option('upload-workers', {
      string: true,
      requiresArg: true,
      hidden: isHidden('builder'),
      describe: workers('upload'),
    })
    .option('detached', { boolean: true, default: false, hidden: true })
    .option('version', { boolean: true, default: false, describe: `show the version (${version})` })
    .check((found) => {
      if (found._.length > 0) throw new Error(`unrecognized arguments: ${found._.join(' ')}`);
      return true;
    });
}

/** The command line that means the same in any directory, for the detached process. */
export function detachedArguments(daemon: DaemonName, options: DaemonOptions): string[] {
  const { securePath, logConfigPath } = options;
  return [
    ...['-c', options.configPath],
    ...(securePath === undefined ? [] : ['-s', securePath]),
    ...(logConfigPath === undefined ? [] : ['-l', logConfigPath]),
    ...['-p', options.pidFilePath],
    ...(daemon === 'launcher' && !options.hasWebapp ? ['--no-webapp'] : []),
    ...(daemon === 'builder'
      ? [
          '--build-workers',
          String(options.buildWorkers),
          '--upload-workers',
          String(options.uploadWorkers),
        ]
      : []),
    '--detached',
  ];
}
