/**
 * Collects what is found in the files while a configuration is made.
 */
import type { Path } from '../../schemas/config/kit.ts';
import { formatPath } from './problem.ts';
import type { ConfigProblem, Severity } from './problem.ts';
import type { ParsedYaml } from './yaml/parse.ts';

/** More than this nobody reads; the rest is counted. */
const MAX_PROBLEMS = 500;

export class Findings {
  readonly #problems: ConfigProblem[] = [];
  readonly #errorPlaces = new Set<string>();
  #left = 0;
  #errors = 0;

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  add(problem: ConfigProblem): void {
    if (problem.severity === 'error') this.#errors += 1;
    if (this.#problems.length >= MAX_PROBLEMS) this.#left += 1;
    else this.#problems.push(problem);
  }

  /** A reporter for one file; of several errors at one option the first is kept. */
  forFile(file: string, parsed: ParsedYaml): FileFindings {
    return (severity, path, message, part = 'value') => {
      const name = formatPath(path);
      if (severity === 'error') {
        const key = `${file}\n${name}`;
        if (this.#errorPlaces.has(key)) return;
        this.#errorPlaces.add(key);
      }
      this.add({ severity, file, ...parsed.place(path, part), path: name, message });
    };
  }

  /** In the order of the files. */
  list(): readonly ConfigProblem[] {
    const files = [...new Set(this.#problems.map((one) => one.file))];
    const sorted = this.#problems.toSorted(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    );
    const file = sorted.at(-1)?.file;
    if (this.#left === 0 || file === undefined) return sorted;
    const message = `and ${this.#left} more`;
    return [...sorted, { severity: 'warning', file, line: 0, column: 0, path: '', message }];
  }
}

export type FileFindings = (
  severity: Severity,
  path: Path,
  message: string,
  part?: 'key' | 'value',
) => void;
