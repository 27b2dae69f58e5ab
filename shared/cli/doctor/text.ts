/** A diagnosis for people: the worst first, each with its remedy. Pure. */
import { sayCount } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { SEVERITIES, type CheckReport, type Diagnosis, type Finding } from './model.ts';

/** Of one kind in one check; the rest is counted. */
const MOST_OF_A_KIND = 10;

export function diagnosisText({ checks, problems, warnings }: Diagnosis): string {
  const all = checks.flatMap(({ check, findings }) =>
    shortened(findings).map((finding) => ({ check, finding })),
  );
  const lines = SEVERITIES.flatMap((severity) =>
    all
      .filter(({ finding }) => finding.severity === severity)
      .flatMap(({ check, finding }) => ['', ...linesOf(check, finding)]),
  );
  const done = checks.filter(({ status }) => status !== 'skipped').length;
  const counts = [
    ...(problems > 0 ? [sayCount(problems, 'problem')] : []),
    ...(warnings > 0 ? [sayCount(warnings, 'warning')] : []),
  ];
  const verdict = counts.length === 0 ? 'all is well' : counts.join(', ');
  return [`${verdict} (${sayCount(done, 'check')})`, ...lines, ...skippedLines(checks)].join('\n');
}

function linesOf(check: string, { severity, object, seen, remedy }: Finding): string[] {
  return [`${severity.padEnd(7)}  ${check}: ${object}: ${seen}`, `         -> ${remedy}`];
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
  const seen = new Map<string, number>();
  for (const { code } of findings) seen.set(code, (seen.get(code) ?? 0) + 1);
  const shown = new Map<string, number>();
  return findings.flatMap((finding) => {
    const { code } = finding;
    const at = (shown.get(code) ?? 0) + 1;
    shown.set(code, at);
    const more = (seen.get(code) ?? 0) - MOST_OF_A_KIND;
    if (at < MOST_OF_A_KIND || more <= 0) return at <= MOST_OF_A_KIND ? [finding] : [];
    if (at > MOST_OF_A_KIND) return [];
    return [{ ...finding, seen: `${finding.seen} (and ${more} more like this: --json)` }];
  });
}
