/**
 * How many standby nodes are missing: pure arithmetic on `min-ready`.
 *
 * What counts: ready, unreserved nodes of the label in any provider, and standby requests that are
 * open, of any launcher. Several launchers would all see the same gap and fill it twice, so for each
 * label one of them acts at once, chosen by a hash among the pools online that have the label; the
 * others act only if the gap stays. Drained pools keep no stock. Different labels choose different launchers: the work is spread.
 */
import type { LabelDefinition } from '../../schemas/config/model.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import { preferred } from '../assignment/rendezvous.ts';

export interface StockFacts {
  readonly label: Pick<LabelDefinition, 'minReady'>;
  readonly ready: number;
  /** Standby requests for the label that are not answered yet. */
  readonly requested: number;
}

export function missingStock({ label, ready, requested }: StockFacts): number {
  return Math.max(0, label.minReady - ready - requested);
}

/** Whether one of our pools is the one that keeps the label's stock. */
export function isStockKeeper(
  label: string,
  registered: readonly RegisteredPool[],
  ownPools: ReadonlySet<string>,
): boolean {
  const able = registered
    .filter((pool) => pool.labels.has(label) && !pool.isDrained)
    .map((pool) => pool.id);
  const chosen = preferred(label, able);
  return chosen !== undefined && ownPools.has(chosen);
}
