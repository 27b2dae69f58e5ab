/**
 * What is wrong with a configuration: one record for each place, so that all can be told at once.
 *
 * Severities: `error`, the daemons refuse the file; `strict`, they read it, but `config-validate`
 * refuses it, as Python Nodepool's validator does; `warning`, valid, but hardly what was meant.
 */
import type { Path } from '../../schemas/config/kit.ts';
import { ConfigError } from '../base/errors.ts';
import type { ErrorCode } from '../base/error-codes.ts';

export type Severity = 'error' | 'strict' | 'warning';

export interface ConfigProblem {
  readonly severity: Severity;
  readonly file: string;
  /** From 1; 0 where there is no place in the file. */
  readonly line: number;
  readonly column: number;
  /** As `providers[2].pools[0].labels[1].flavor-name`; empty for the file as a whole. */
  readonly path: string;
  /** What was found and what is allowed. Never holds secrets. */
  readonly message: string;
}

/** The configuration cannot be used; `problems` holds every reason, and the lesser findings. */
export class InvalidConfigError extends ConfigError {
  readonly problems: readonly ConfigProblem[];
  /** Of the contents that were read; equal contents have equal digests. */
  readonly digest: string;

  constructor(code: ErrorCode, problems: readonly ConfigProblem[], digest: string) {
    const errors = problems.filter((one) => one.severity === 'error');
    super(code, errors.map(formatProblem).join('\n'));
    this.problems = problems;
    this.digest = digest;
  }
}

/** One line, in the form that editors and compilers' users know. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line > 0 ? `:${problem.line}:${problem.column}` : '';
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  return `${problem.file}${place}:${path} ${problem.message}`;
}

export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? printable(part) : `.${printable(part)}`;
    })
    .join('');
}

/** The longest piece of a file that a message repeats. */
const MAX_QUOTED = 60;

/** A text fit for one line of a terminal. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > MAX_QUOTED ? `${clean.slice(0, MAX_QUOTED)}...` : clean;
}
