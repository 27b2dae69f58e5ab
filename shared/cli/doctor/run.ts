/**
 * Runs all checks at once, each to its own deadline: one that breaks, or does not end, is a finding of
 * its own and hides no other.
 */
import { messageOf, NodepoolError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import type { Ground } from './ground.ts';
import { Skipped, type CheckReport, type Diagnosis, type Finding } from './model.ts';

export interface Check {
  readonly name: string;
  /** Default 30 s. */
  readonly deadlineMs?: number;
  /** Rejects with `Skipped` where there is nothing that it could look at. */
  run(ground: Ground, signal: AbortSignal): Promise<readonly Finding[]>;
}

const DEADLINE_MS = 30_000;

/** Rejects only when the user interrupts. */
export async function diagnose(checks: readonly Check[], ground: Ground): Promise<Diagnosis> {
  const reports = await Promise.all(checks.map((check) => runOne(check, ground)));
  const count = (severity: Finding['severity']): number =>
    reports.flatMap(({ findings }) => findings.filter((one) => one.severity === severity)).length;
  return { checks: reports, problems: count('problem'), warnings: count('warning') };
}

async function runOne(check: Check, ground: Ground): Promise<CheckReport> {
  const { name, deadlineMs: ms = DEADLINE_MS } = check;
  const { clock, signal } = ground.context;
  const error = (): Error => new NodepoolError('NP_ABORTED', `no end within ${ms / 1000} s`);
  try {
    const findings = await withDeadline({ clock, ms, signal, error }, (inner) =>
      check.run(ground, inner),
    );
    return { check: name, status: 'done', reason: null, findings };
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (cause instanceof Skipped)
      return { check: name, status: 'skipped', reason: cause.message, findings: [] };
    return { check: name, status: 'broken', reason: null, findings: [broken(name, cause)] };
  }
}

function broken(name: string, cause: unknown): Finding {
  return {
    ...{ severity: 'problem', code: 'check-broken', object: `check ${name}` },
    seen: `could not be made: ${messageOf(cause)}`,
    remedy: 'see to what the other findings tell, then try again; with --debug more is logged',
  };
}
