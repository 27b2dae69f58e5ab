/**
 * Sums of quota, as pure functions. In a need or a use a missing name means 0, in a limit it means
 * no limit; Infinity as a limit means no limit, too.
 */
import type { Quota } from '../../schemas/quota.ts';

/** What is missing of one resource. */
export interface QuotaGap {
  readonly name: string;
  readonly need: number;
  /** Negative where more is used than is allowed. */
  readonly left: number;
}

/** Amounts of both, by name. */
export function addQuota(a: Quota, b: Quota): Quota {
  return merge(a, b, 1);
}

/** The first without the second. May become negative: more was given away than there is. */
export function subtractQuota(a: Quota, b: Quota): Quota {
  return merge(a, b, -1);
}

export function sumQuota(amounts: Iterable<Quota>): Quota {
  const sum: Record<string, number> = {};
  for (const amount of amounts)
    for (const [name, value] of Object.entries(amount)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

/** What a limit leaves: only the names that the limit has, since all else is without limit. */
export function remainingQuota(limits: Quota, used: Quota): Quota {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, limit - (used[name] ?? 0)]),
  );
}

/** The tighter of two limits, by name. */
export function tighterLimits(a: Quota, b: Quota): Quota {
  const limits: Record<string, number> = { ...a };
  for (const [name, limit] of Object.entries(b))
    limits[name] = Math.min(limits[name] ?? Infinity, limit);
  return limits;
}

/**
 * What is in the way of `need`; empty: it fits. A resource that is not needed is in nobody's way,
 * however much of it is used.
 */
export function missingFrom(limits: Quota, used: Quota, need: Quota): readonly QuotaGap[] {
  const gaps: QuotaGap[] = [];
  for (const [name, wanted] of Object.entries(need)) {
    const left = (limits[name] ?? Infinity) - (used[name] ?? 0);
    if (wanted > 0 && left < wanted) gaps.push({ name, need: wanted, left });
  }
  return gaps;
}

function merge(a: Quota, b: Quota, sign: 1 | -1): Quota {
  const result: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) result[name] = (result[name] ?? 0) + sign * value;
  return result;
}
