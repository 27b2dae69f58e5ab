/**
 * What `nodepool doctor` finds; as JSON it is what `--json` prints.
 */

/** `problem`: does not work, or will not soon. `warning`: should be looked at. `note`: good to know. */
export const SEVERITIES = ['problem', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  readonly severity: Severity;
  /** A word for scripts, such as `certificate-expired`. */
  readonly code: string;
  /** On which object: a file, a server, a provider, ids. */
  readonly object: string;
  /** What was seen there. Never holds secrets. */
  readonly seen: string;
  /** What to do. */
  readonly remedy: string;
}

export interface CheckReport {
  readonly check: string;
  /** `skipped`: what it looks at cannot be had, for a reason that another check tells, or is not wanted. */
  readonly status: 'done' | 'skipped' | 'broken';
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
}

/** What `nodepool doctor --json` prints. */
export interface Diagnosis {
  readonly checks: readonly CheckReport[];
  readonly problems: number;
  readonly warnings: number;
}

/** What a check looks at cannot be had; not thrown where the check itself is to tell of it. */
export class Skipped extends Error {}
