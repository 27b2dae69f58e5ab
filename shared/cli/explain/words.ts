/**
 * Amounts and times as an operator says them.
 */
import type { Gap } from '../../../schemas/explanation.ts';

const LIMITS = {
  pool: 'limit of the pool',
  cloud: 'quota of the cloud',
  tenant: 'limit of the tenant',
} as const;

/** `3 of 4 cores missing (limit of the pool)`. */
export function sayGap({ of, resource, need, left }: Gap): string {
  const what = resource === 'ram' ? 'MiB of RAM' : resource;
  const missing =
    left >= 0
      ? `${need - left} of ${need} ${what} missing`
      : `${need} ${what} missing, ${-left} over the limit already`;
  return `${missing} (${LIMITS[of]})`;
}

export function sayGaps(gaps: readonly Gap[]): string {
  return gaps.map(sayGap).join(', ');
}

/** `1 request`, `2 requests`. */
export function sayCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a, b and 3 more`. */
export function sayIds(ids: readonly string[], count: number): string {
  const more = count - ids.length;
  return ids.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
