/** Whether clocks agree. Ages of nodes, held nodes and builds are told by them. Pure. */
import type { Finding } from '../model.ts';

/** Ages are rounded to seconds; a second more or less harms nobody. */
const WARN_MS = 2_000;
/** Locks and sessions do not go by the clock, ages of nodes do. */
const PROBLEM_MS = 30_000;

export interface ClockFacts {
  /** Whose clock: `ZooKeeper`, `launcher host-1`. */
  readonly whose: string;
  /** Theirs less ours, in milliseconds. */
  readonly skewMs: number;
  /** So far the true value may be off. */
  readonly uncertaintyMs: number;
}

export function judgeClock({ whose, skewMs, uncertaintyMs }: ClockFacts): Finding[] {
  const sureMs = Math.abs(skewMs) - uncertaintyMs;
  if (sureMs < WARN_MS) return [];
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  return [
    {
      severity: sureMs >= PROBLEM_MS ? 'problem' : 'warning',
      code: 'clock-skew',
      object: whose,
      seen: `its clock is ${seconds} s ${side} that of this machine`,
      remedy:
        'let one time service (chrony, ntpd, systemd-timesyncd) set the clocks of all machines: max-ready-age, held nodes and rebuild-age go by them',
    },
  ];
}

/** The header `Date` has whole seconds. */
const DATE_STEP_MS = 1_000;

/** By the `Date` of an answer, in milliseconds since 1970; the other times are ours. */
export function clockByDate(
  whose: string,
  date: number,
  { askedMs, answeredMs }: { readonly askedMs: number; readonly answeredMs: number },
): ClockFacts {
  return {
    whose,
    skewMs: date + DATE_STEP_MS / 2 - (askedMs + answeredMs) / 2,
    uncertaintyMs: (answeredMs - askedMs + DATE_STEP_MS) / 2,
  };
}
