/** A line for each thing that is wrong with a configuration, as `config-validate` prints it. */
import { formatProblem, type ConfigProblem, type Severity } from '../config/problem.ts';

const REMARKS: Readonly<Record<Severity, string>> = {
  error: '',
  strict: ' (invalid, though the daemons read it)',
  warning: ' (warning)',
};

export function sayProblem(problem: ConfigProblem): string {
  return formatProblem(problem) + REMARKS[problem.severity];
}
