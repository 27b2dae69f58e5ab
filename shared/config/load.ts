/**
 * nodepool.yaml and the secure file to one frozen `Config`, or all reasons why not.
 */
import { createHash } from 'node:crypto';
import { readFile as readFileFromDisk, stat } from 'node:fs/promises';

import type { Config } from '../../schemas/config/model.ts';
import { messageOf } from '../base/errors.ts';
import { buildConfig } from './build.ts';
import type { SourceFile } from './build.ts';
import { Findings } from './findings.ts';
import { deepFreeze } from './freeze.ts';
import { formatPath, InvalidConfigError } from './problem.ts';
import type { ConfigProblem } from './problem.ts';
import { substitute } from './substitute.ts';
import type { Environment } from './substitute.ts';
import { parseYaml } from './yaml/parse.ts';

export interface LoadOptions {
  readonly path: string;
  readonly securePath?: string | undefined;
  readonly environment: Environment;
  /** Drivers that can run; a provider with another one gets a warning. Default: not looked at. */
  readonly builtDrivers?: readonly string[];
  /** For tests; default: the file system. */
  readonly readFile?: (path: string) => Promise<string>;
}

/** What tells one state of a file from another; undefined while there is none. */
export type FileStamp = string | undefined;

export interface LoadResult {
  readonly config: Config;
  /** Findings of severity `strict` and `warning`. */
  readonly warnings: readonly ConfigProblem[];
  /** The state of each file just before it was read. */
  readonly fileStamps: ReadonlyMap<string, FileStamp>;
  /** Of the contents that were read. */
  readonly digest: string;
}

/** Rejects with an `InvalidConfigError` that lists everything. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const paths = [options.path, ...(options.securePath === undefined ? [] : [options.securePath])];
  const fileStamps = await stampFiles(paths);
  const texts = await readAll(
    paths,
    options.readFile ?? ((path) => readFileFromDisk(path, 'utf8')),
  );
  return { ...parseConfig({ ...options, texts }), fileStamps };
}

export async function stampFiles(paths: readonly string[]): Promise<Map<string, FileStamp>> {
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await stampFile(path)] as const)),
  );
}

async function stampFile(path: string): Promise<FileStamp> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch {
    // Why it cannot be looked at is told by whoever reads it.
    return undefined;
  }
}

async function readAll(
  paths: readonly string[],
  readFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const results = await Promise.allSettled(paths.map(readFile));
  const problems = results.flatMap((result, index): ConfigProblem[] => {
    if (result.status === 'fulfilled') return [];
    const place = { file: paths[index] ?? '', line: 0, column: 0, path: '' };
    return [{ severity: 'error', ...place, message: `cannot be read: ${reasonOf(result.reason)}` }];
  });
  if (problems.length > 0)
    throw new InvalidConfigError(
      'NP_CONFIG_UNREADABLE',
      problems,
      digestOf(problems.map((one) => one.message)),
    );
  return results.map((result) => (result.status === 'fulfilled' ? result.value : ''));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'the user of this process may not',
  EISDIR: 'it is a directory',
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return reasons[code] ?? messageOf(error);
}

/** The same from texts: the main file's and, where there is one, the secure file's. */
export function parseConfig(
  options: Omit<LoadOptions, 'readFile'> & { readonly texts: readonly string[] },
): Omit<LoadResult, 'fileStamps'> {
  const { path, securePath, environment, texts, builtDrivers } = options;
  const findings = new Findings();
  const digest = digestOf([...texts, ...relevantVariables(environment)]);
  const main = parseFile(path, texts[0] ?? '', environment, findings);
  const secure =
    securePath === undefined
      ? undefined
      : parseFile(securePath, texts[1] ?? '', environment, findings);
  // After a YAML error there is nothing to look at; everything would be missing.
  const config = findings.hasErrors
    ? undefined
    : buildConfig({ main, secure, environment, findings, builtDrivers });
  const problems = findings.list();
  if (config === undefined || findings.hasErrors)
    throw new InvalidConfigError('NP_CONFIG_INVALID', problems, digest);
  return { config: deepFreeze(config), warnings: problems, digest };
}

function parseFile(
  path: string,
  text: string,
  environment: Environment,
  findings: Findings,
): SourceFile {
  const substituted = substitute(text, environment);
  const parsed = parseYaml(substituted.text);
  for (const { path: option, ...finding } of parsed.findings)
    findings.add({ ...finding, file: path, path: formatPath(option) });
  return { path, parsed, secrets: substituted.values };
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}

function relevantVariables(environment: Environment): string[] {
  return Object.entries(environment)
    .filter(([name]) => name.startsWith('NODEPOOL_'))
    .map(([name, value]) => `${name}=${value ?? ''}`);
}
