/**
 * Command lines of the two daemons, with the options of the originals.
 *
 * Facts: nodepool/cmd/launcher.py, nodepool/cmd/builder.py, nodepool/cmd/__init__.py.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { messageOf } from '../../base/errors.ts';
import { fromArgparse } from '../arguments.ts';

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
  readonly hasWebapp: boolean;
  /** Builder only. */
  readonly buildWorkers: number;
  /** Undefined: as the configuration says. */
  readonly uploadWorkers: number | undefined;
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

export function parseDaemonArguments(input: ArgumentsInput): ParsedArguments {
  let found;
  try {
    found = parseWords(input);
  } catch (error) {
    return usageError(input, messageOf(error));
  }
  if (found.version === true)
    return { kind: 'exit', code: 0, text: `Nodepool version: ${input.version}` };
  if (found.help === true) return { kind: 'exit', code: 0, text: helpOf(input) };
  const path = (text: string): string =>
    resolve(input.cwd, text === '~' || text.startsWith('~/') ? input.home + text.slice(1) : text);
  const optionalPath = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : path(text);
  const buildWorkers = Number(found['build-workers'] ?? 1);
  const asked = found['upload-workers'];
  const uploadWorkers = asked === undefined ? undefined : Number(asked);
  const counts = [buildWorkers, uploadWorkers ?? 0];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0))
    return usageError(input, '--build-workers and --upload-workers take whole numbers');
  const options: DaemonOptions = {
    configPath: path(found.config ?? CONFIG_FILE),
    securePath: optionalPath(found.secure),
    logConfigPath: optionalPath(found.log),
    pidFilePath: path(found.pid ?? pidFileOf(input.daemon)),
    mode: modeOf(found),
    hasWebapp: found['no-webapp'] !== true,
    buildWorkers,
    uploadWorkers,
  };
  return { kind: 'run', options };
}

/** Names with dashes are the original's; the others exist only as the letter. */
const definitions = {
  config: { type: 'string', short: 'c' },
  secure: { type: 'string', short: 's' },
  log: { type: 'string', short: 'l' },
  pid: { type: 'string', short: 'p' },
  debug: { type: 'boolean', short: 'd' },
  foreground: { type: 'boolean', short: 'f' },
  'no-webapp': { type: 'boolean' },
  'build-workers': { type: 'string' },
  'upload-workers': { type: 'string' },
  detached: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parseWords(input: ArgumentsInput) {
  const args = fromArgparse(input.args, names);
  const { values, tokens } = parseArgs({ args, options: definitions, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || !token.rawName.startsWith('--')) continue;
    if (!names.long.includes(token.name))
      throw new Error(`unrecognized arguments: ${token.rawName}`);
  }
  return values;
}

function modeOf(flags: {
  debug?: boolean | undefined;
  foreground?: boolean | undefined;
  detached?: boolean | undefined;
}): DaemonOptions['mode'] {
  if (flags.debug === true) return 'debug';
  if (flags.foreground === true) return 'foreground';
  return flags.detached === true ? 'detached' : 'background';
}

function usageError({ daemon }: ArgumentsInput, message: string): ParsedArguments {
  const program = `nodepool-${daemon}`;
  const text = `${program}: error: ${message}\n${program} --help shows the options`;
  return { kind: 'exit', code: 2, text };
}

const CONFIG_FILE = '/etc/nodepool/nodepool.yaml';

function pidFileOf(daemon: DaemonName): string {
  return `/var/run/nodepool/${daemon === 'launcher' ? 'nodepool.pid' : 'nodepool-builder.pid'}`;
}

function helpOf({ daemon, version }: ArgumentsInput): string {
  const workers = [
    ['    --build-workers N', 'how many images to build at once (1)'],
    ['    --upload-workers N', 'how many images to upload at once (4)'],
  ];
  const rows = [
    ['-c FILE', `path to the config file (${CONFIG_FILE})`],
    ['-s FILE', 'path to the secure file'],
    ['-l FILE', 'path to the log config file'],
    ['-p FILE', `path to the pid file (${pidFileOf(daemon)})`],
    ['-d', 'stay in the foreground and log all details'],
    ['-f', 'stay in the foreground and log to stdout'],
    ...(daemon === 'builder' ? workers : []),
    ['    --no-webapp', 'start no web server'],
    ['    --version', `show the version (${version})`],
    ['-h, --help', 'show this help'],
  ];
  const lines = rows.map(([name = '', text = '']) => `  ${name.padEnd(24)}${text}`);
  return [
    `nodepool-${daemon} [options]`,
    '',
    'Without -f or -d the program goes to the background.',
    '',
    'Options:',
    ...lines,
  ].join('\n');
}

/** The command line that means the same in any directory, for the detached process. */
export function detachedArguments(daemon: DaemonName, options: DaemonOptions): string[] {
  const { securePath, logConfigPath } = options;
  return [
    ...['-c', options.configPath],
    ...(securePath === undefined ? [] : ['-s', securePath]),
    ...(logConfigPath === undefined ? [] : ['-l', logConfigPath]),
    ...['-p', options.pidFilePath],
    ...(options.hasWebapp ? [] : ['--no-webapp']),
    ...(daemon === 'builder'
      ? ['--build-workers', String(options.buildWorkers), ...uploadWorkersOf(options)]
      : []),
    '--detached',
  ];
}

function uploadWorkersOf({ uploadWorkers }: DaemonOptions): string[] {
  return uploadWorkers === undefined ? [] : ['--upload-workers', String(uploadWorkers)];
}
