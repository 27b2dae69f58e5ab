/** Loads configurations that stand in the test. */
import type { Config } from '../../../schemas/config/model.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { formatProblem, InvalidConfigError } from '../../../shared/config/problem.ts';
import type { ConfigProblem, Severity } from '../../../shared/config/problem.ts';

export interface Loaded {
  /** Undefined: refused. */
  readonly config: Config | undefined;
  readonly problems: readonly ConfigProblem[];
  /** As `config-validate` prints them, without the file's name. */
  readonly lines: readonly string[];
}

export interface LoadTextOptions {
  readonly secure?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export function loadText(text: string, options: LoadTextOptions = {}): Loaded {
  const { secure, environment = {} } = options;
  const securePath = secure === undefined ? undefined : 'secure.yaml';
  const texts = [text, ...(secure === undefined ? [] : [secure])];
  try {
    const { config, warnings } = parseConfig({ path: 'main.yaml', securePath, environment, texts });
    return result(config, warnings);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return result(undefined, error.problems);
  }
}

function result(config: Config | undefined, problems: readonly ConfigProblem[]): Loaded {
  const lines = problems.map((one) => formatProblem(one).replace(/^main\.yaml:/, ''));
  return { config, problems, lines };
}

/** The configuration, which must be good. */
export function good(text: string, options: LoadTextOptions = {}): Config {
  const { config, lines } = loadText(text, options);
  if (config === undefined) throw new Error(lines.join('\n'));
  return config;
}

/** `path: message` of all findings of a severity. */
export function findings(loaded: Loaded, severity: Severity): string[] {
  return loaded.problems
    .filter((one) => one.severity === severity)
    .map(({ path, message }) => `${path}: ${message}`);
}
