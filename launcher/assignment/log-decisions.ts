/**
 * Log lines about what the own pools say to a request: one for those that decline, one for those that
 * defer, whatever their number. With two hundred pools a line for each would hide all else.
 */
import type { Logger } from '../../shared/base/log.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { PoolDecision } from './answers.ts';
import { sayReasons, type Reason } from './reasons.ts';

/** Pools named for each reason; the others are counted. */
const MOST_NAMED = 3;

export function logDecisions(
  log: Logger,
  request: StoredRequest,
  decisions: readonly PoolDecision[],
): void {
  for (const kind of ['decline', 'defer'] as const) {
    const alike = decisions.filter(({ decision }) => decision.kind === kind);
    const [first] = alike;
    if (!first) continue;
    const { event_id } = request.record;
    log.info(kind === 'decline' ? 'request declined' : 'request deferred', {
      event_id,
      request: request.id,
      ...(alike.length === 1
        ? { provider: first.pool.provider.name, pool: first.pool.name }
        : { pools: alike.length }),
      reason: sayAll(alike),
    });
  }
}

/** `no label x`, or with several reasons or pools `no label x (a-main, b-main, 7 more); ...`. */
function sayAll(decisions: readonly PoolDecision[]): string {
  const pools = new Map<string, string[]>();
  for (const { pool, decision } of decisions) {
    const reasons: readonly Reason[] = 'reasons' in decision ? decision.reasons : [];
    const text = sayReasons(reasons);
    const known = pools.get(text);
    if (known) known.push(pool.key);
    else pools.set(text, [pool.key]);
  }
  if (decisions.length === 1) return [...pools.keys()].join('; ');
  return [...pools].map(([text, keys]) => `${text} (${sayPools(keys)})`).join('; ');
}

function sayPools(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED);
  const left = keys.length - named.length;
  return [...named, ...(left > 0 ? [`${left} more`] : [])].join(', ');
}
