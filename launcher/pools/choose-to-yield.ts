/**
 * Whether requests that wait for quota hold each other up, and which of them gives way. Pure.
 *
 * A request keeps the nodes that it has while it waits for room for the rest. Two that wait beside each
 * other (of two pools of one cloud, or because the cloud refused a launch) may hold between them all
 * that there is: then no room ever comes. The one that is served last gives its nodes up.
 */
import type { Quota } from '../../schemas/quota.ts';
import type { QuotaGap } from '../../shared/cloud/quota.ts';

export interface WaitingRequest {
  readonly id: string;
  readonly pool: string;
  /** What is missing for the node that waits, by the limit that says so. */
  readonly gaps: {
    readonly cloud: readonly QuotaGap[];
    readonly pool: readonly QuotaGap[];
  };
  /** What the nodes take that it has or is being made. */
  readonly held: Quota;
}

/** What is used and will not stay so: held back nodes (`hold`) do, so they are not in it. */
export interface PassingUse {
  readonly provider: Quota;
  readonly pool: (name: string) => Quota;
}

export interface Yielding {
  readonly from: string;
  readonly to: string;
}

/** `waiting`: requests of one provider, in the order of service. Undefined: room will come by itself. */
export function chooseToYield(
  waiting: readonly WaitingRequest[],
  use: PassingUse,
): Yielding | undefined {
  for (const [index, first] of waiting.entries()) {
    const later = waiting.slice(index + 1);
    const samePool = (one: WaitingRequest): boolean => one.pool === first.pool;
    const from =
      lastOfClosed(first.gaps.cloud, use.provider, waiting, later) ??
      lastOfClosed(
        first.gaps.pool,
        use.pool(first.pool),
        waiting.filter(samePool),
        later.filter(samePool),
      );
    if (from) return { from: from.id, to: first.id };
  }
  return undefined;
}

/** The last of `later` that has some of what is missing, if only those who wait have any of it. */
function lastOfClosed(
  gaps: readonly QuotaGap[],
  used: Quota,
  waiting: readonly WaitingRequest[],
  later: readonly WaitingRequest[],
): WaitingRequest | undefined {
  for (const { name } of gaps) {
    const held = waiting.reduce((sum, one) => sum + (one.held[name] ?? 0), 0);
    if ((used[name] ?? 0) > held) continue;
    const last = later.findLast((one) => (one.held[name] ?? 0) > 0);
    if (last) return last;
  }
  return undefined;
}
