/**
 * `nodepool config-validate`: everything that is wrong with the configuration, a line each.
 *
 * Exit code 1 for what the daemons refuse and for what only Python Nodepool's validator would;
 * warnings alone leave it at 0.
 */
import { loadConfig } from '../../config/load.ts';
import { InvalidConfigError } from '../../config/problem.ts';
import type { ConfigProblem, Severity } from '../../config/problem.ts';
import { driverNames } from '../../drivers/registry.ts';
import type { Command, Context } from '../command.ts';
import { sayProblem } from '../say-problem.ts';

export const configValidate: Command = {
  name: 'config-validate',
  describe: 'Validate configuration file',
  async run(context) {
    const problems = await problemsOf(context);
    for (const problem of problems) context.print(sayProblem(problem));
    context.print(`${context.configPath}: ${summary(problems)}`);
    return problems.some(({ severity }) => severity !== 'warning') ? 1 : 0;
  },
};

async function problemsOf(context: Context): Promise<readonly ConfigProblem[]> {
  const { configPath, securePath, environment } = context;
  try {
    const builtDrivers = driverNames;
    return (await loadConfig({ path: configPath, securePath, environment, builtDrivers })).warnings;
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.problems;
    throw error;
  }
}

function summary(problems: readonly ConfigProblem[]): string {
  const count = (severity: Severity, one: string, many: string): string[] => {
    const { length } = problems.filter((problem) => problem.severity === severity);
    return length === 0 ? [] : [`${length} ${length === 1 ? one : many}`];
  };
  const parts = [
    ...count('error', 'error', 'errors'),
    ...count(
      'strict',
      'invalid place that the daemons read',
      'invalid places that the daemons read',
    ),
    ...count('warning', 'warning', 'warnings'),
  ];
  if (parts.length === 0) return 'valid';
  const isValid = problems.every(({ severity }) => severity === 'warning');
  return `${isValid ? 'valid' : 'not valid'}: ${parts.join(', ')}`;
}
