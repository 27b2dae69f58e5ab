/** A diagnosis for people: the worst first, each with its remedy. Pure. */
import { sayCount } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { oneLine } from '../one-line.ts';
import { paintLine, piece, type Line, type Style } from '../terminal/lines.ts';
import {
  SEVERITIES,
  type CheckReport,
  type Diagnosis,
  type Finding,
  type Severity,
} from './model.ts';

/** Of one kind in one check; the rest is counted. */
const MOST_OF_A_KIND = 10;

/** `hasColour`: of the terminal. */
export function diagnosisText(diagnosis: Diagnosis, hasColour = false): string {
  const { checks } = diagnosis;
  const all = checks.flatMap(({ check, findings }) =>
    shortened(findings).map((finding) => ({ check, finding })),
  );
  const lines = SEVERITIES.flatMap((severity) =>
    all
      .filter(({ finding }) => finding.severity === severity)
      .flatMap(({ check, finding }) => [[], ...linesOf(check, finding)]),
  );
  const skipped = skippedLines(checks).map((line) => [piece(line)]);
  return [headOf(diagnosis), ...lines, ...skipped]
    .map((line) => paintLine(line, hasColour))
    .join('\n');
}

function headOf({ checks, problems, warnings }: Diagnosis): Line {
  const done = checks.filter(({ status }) => status !== 'skipped').length;
  const counts = [
    ...(problems > 0 ? [sayCount(problems, 'problem')] : []),
    ...(warnings > 0 ? [sayCount(warnings, 'warning')] : []),
  ];
  const style = problems > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  const verdict = counts.length === 0 ? 'all is well' : counts.join(', ');
  return [piece(verdict, style), piece(` (${sayCount(done, 'check')})`)];
}

const STYLES: Readonly<Record<Severity, Style>> = {
  problem: 'red',
  warning: 'yellow',
  note: 'cyan',
};

function linesOf(check: string, { severity, object, seen, remedy }: Finding): Line[] {
  // The check of a provider has its name.
  const where = object.endsWith(check) ? object : `${check}: ${object}`;
  return [
    [piece(severity.padEnd(7), STYLES[severity]), piece(oneLine(`  ${where}: ${seen}`))],
    [piece(oneLine(`         -> ${remedy}`), 'dim')],
  ];
}

/** Checks that were not made, by their reason. */
function skippedLines(checks: readonly CheckReport[]): string[] {
  const skipped = checks.filter(({ status }) => status === 'skipped');
  const byReason = groupBy(skipped, ({ reason }) => reason ?? '');
  const lines = [...byReason].map(([reason, all]) => {
    const names = all.map(({ check }) => check).join(', ');
    return `not looked at: ${names} (${reason})`;
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function shortened(findings: readonly Finding[]): Finding[] {
  return [...groupBy(findings, ({ code }) => code).values()].flatMap((all) => {
    const last = all[MOST_OF_A_KIND - 1];
    if (last === undefined || all.length === MOST_OF_A_KIND) return all;
    const seen = `${last.seen} (and ${all.length - MOST_OF_A_KIND} more like this: --json)`;
    return [...all.slice(0, MOST_OF_A_KIND - 1), { ...last, seen }];
  });
}
