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
