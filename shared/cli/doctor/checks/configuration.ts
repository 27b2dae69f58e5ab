/** Whether both files are valid, and the secret one is secret. */
import { loadConfig } from '../../../config/load.ts';
import { formatProblem, InvalidConfigError, type ConfigProblem } from '../../../config/problem.ts';
import { driverNames } from '../../../drivers/registry.ts';
import type { Finding } from '../model.ts';
import type { Check } from '../run.ts';
import { isOpen } from '../zookeeper/certificate-files.ts';

export const configuration: Check = {
  name: 'configuration',
  async run({ context }) {
    const { configPath: path, securePath, environment } = context;
    const [problems, isSecureOpen] = await Promise.all([
      problemsIn({ path, securePath, environment, builtDrivers: driverNames }),
      securePath === undefined ? false : isOpen(securePath),
    ]);
    const findings = problems.map(toFinding);
    if (isSecureOpen)
      findings.push({
        ...{ severity: 'problem', code: 'secure-file-open', object: securePath ?? '' },
        seen: 'can be read by everybody on this machine',
        remedy: `chmod o-rwx ${securePath ?? ''}`,
      });
    return findings;
  },
};

async function problemsIn(
  options: Parameters<typeof loadConfig>[0],
): Promise<readonly ConfigProblem[]> {
  try {
    return (await loadConfig(options)).warnings;
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.problems;
    throw error;
  }
}

function toFinding(problem: ConfigProblem): Finding {
  const { severity, file } = problem;
  const line = formatProblem(problem);
  const seen = line.startsWith(`${file}:`) ? line.slice(file.length + 1).trim() : line;
  const remedies = {
    error: 'correct it: daemons refuse the file and go on with the last good one',
    strict: 'correct it: the daemons read it, Python Nodepool’s config-validate does not',
    warning: 'correct it, or leave it if it is meant',
  };
  return {
    severity: severity === 'error' ? 'problem' : 'warning',
    code: `configuration-${severity}`,
    object: file,
    seen,
    remedy: remedies[severity],
  };
}
