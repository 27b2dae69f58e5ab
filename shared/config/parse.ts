/**
 * The texts of nodepool.yaml and the secure file to one `Config`, or all reasons why not. In one go:
 * a large file takes about a second for each megabyte (aside/parse.ts does it beside the event loop).
 */
import { createHash } from 'node:crypto';

import type { Config } from '../../schemas/config/model.ts';
import { buildConfig } from './build.ts';
import type { SourceFile } from './build.ts';
import { Findings } from './findings.ts';
import { deepFreeze } from './freeze.ts';
import { loadOutside, NO_OUTSIDE } from './outside.ts';
import type { OutsideSections } from './outside.ts';
import { formatPath, InvalidConfigError } from './problem.ts';
import type { ConfigProblem } from './problem.ts';
import { substitute } from './substitute.ts';
import type { Environment } from './substitute.ts';
import { parseYaml } from './yaml/parse.ts';

export interface ParseOptions {
  readonly path: string;
  readonly securePath?: string | undefined;
  readonly environment: Environment;
  /** Drivers that can run; a provider with another one gets a warning. Default: not looked at. */
  readonly builtDrivers?: readonly string[] | undefined;
  /** The main file's and, where there is one, the secure file's. */
  readonly texts: readonly string[];
}

export interface ParseResult {
  /** Deeply frozen. */
  readonly config: Config;
  /** Findings of severity `strict` and `warning`. */
  readonly warnings: readonly ConfigProblem[];
  /** Of the contents that were read. */
  readonly digest: string;
}

/**
 * As `parseConfig`, but knows drivers from outside the tree, whose modules are loaded first. Rejects
 * with an `InvalidConfigError` that lists everything.
 */
export async function parseWithOutside(options: ParseOptions): Promise<ParseResult> {
  const draft = readFiles(options);
  const { main, findings } = draft;
  if (findings.hasErrors) return finish(options, draft, NO_OUTSIDE);
  const report = findings.forFile(main.path, main.parsed);
  return finish(options, draft, await loadOutside(main.parsed.value, main.path, report));
}

/** Throws an `InvalidConfigError` that lists everything. Knows our own drivers only. */
export function parseConfig(options: ParseOptions): ParseResult {
  return finish(options, readFiles(options), NO_OUTSIDE);
}

/** The files as YAML. */
interface Draft {
  readonly findings: Findings;
  readonly digest: string;
  readonly main: SourceFile;
  readonly secure: SourceFile | undefined;
}

function readFiles(options: ParseOptions): Draft {
  const { path, securePath, environment, texts } = options;
  const findings = new Findings();
  const digest = digestOf([...texts, ...relevantVariables(environment)]);
  const main = parseFile(path, texts[0] ?? '', environment, findings);
  const secure =
    securePath === undefined
      ? undefined
      : parseFile(securePath, texts[1] ?? '', environment, findings);
  return { findings, digest, main, secure };
}

function finish(
  { environment, builtDrivers }: ParseOptions,
  { findings, digest, main, secure }: Draft,
  outside: OutsideSections,
): ParseResult {
  // After a YAML error there is nothing to look at; everything would be missing.
  const config = findings.hasErrors
    ? undefined
    : buildConfig({ main, secure, environment, findings, builtDrivers, outside });
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

/** Files that cannot be read at all: an error with one problem for each. */
export function unreadable(
  files: readonly { readonly path: string; readonly reason: string }[],
): InvalidConfigError {
  const problems = files.map(({ path, reason }): ConfigProblem => {
    const place = { file: path, line: 0, column: 0, path: '' };
    return { severity: 'error', ...place, message: `cannot be read: ${reason}` };
  });
  const digest = digestOf(problems.map((one) => one.message));
  return new InvalidConfigError('NP_CONFIG_UNREADABLE', problems, digest);
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
