/**
 * Which ready nodes make room for a request that waits for quota: the oldest first, only as many as
 * are needed beside what is being deleted already. Pure.
 */
import type { Quota } from '../../schemas/quota.ts';
import type { QuotaGap } from '../../shared/cloud/quota.ts';

export interface EvictionCandidate {
  readonly id: string;
  /** Since when it is ready, Unix seconds. */
  readonly since: number;
  readonly resources: Quota;
}

export function chooseEvictions(
  gaps: readonly QuotaGap[],
  candidates: readonly EvictionCandidate[],
  leaving: Quota,
): string[] {
  const missing = new Map<string, number>();
  for (const gap of gaps) {
    const short = gap.need - gap.left - (leaving[gap.name] ?? 0);
    missing.set(gap.name, Math.max(missing.get(gap.name) ?? 0, short));
  }
  const chosen: string[] = [];
  for (const candidate of candidates.toSorted((a, b) => a.since - b.since)) {
    if ([...missing.values()].every((amount) => amount <= 0)) break;
    const helps = [...missing].some(
      ([name, amount]) => amount > 0 && (candidate.resources[name] ?? 0) > 0,
    );
    if (!helps) continue;
    chosen.push(candidate.id);
    for (const [name, amount] of missing) {
      missing.set(name, amount - (candidate.resources[name] ?? 0));
    }
  }
  return chosen;
}
