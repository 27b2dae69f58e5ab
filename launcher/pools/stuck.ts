/**
 * Ends it when requests that wait for quota hold each other up: one gives its nodes up, and the one
 * that they are for is the next to get room.
 */
import type { Quota } from '../../schemas/quota.ts';
import { addQuota, subtractQuota } from '../../shared/cloud/quota.ts';
import { isLeaving } from '../../shared/store/usage.ts';
import { compareRequests } from '../../shared/store/waiting.ts';
import type { Context } from '../context.ts';
import { chooseToYield, type WaitingRequest } from './choose-to-yield.ts';
import type { Waiting } from './capacity.ts';
import type { Pool } from './pool.ts';

export interface StuckOptions {
  readonly context: Context;
  readonly pools: { ofProvider(name: string): readonly Pool[] };
  readonly serving: {
    /** The request, which is being served, waits no longer and goes back to be served later. */
    yieldRoom(request: string, to: string): void;
  };
}

export class StuckRequests {
  readonly #options: StuckOptions;
  readonly #due = new Set<string>();

  constructor(options: StuckOptions) {
    this.#options = options;
  }

  /** Something changed that requests of the provider hold or wait for. Looks when the turn is over. */
  consider(provider: string): void {
    if (this.#due.has(provider)) return;
    if (!this.#options.pools.ofProvider(provider).some((pool) => pool.isWaiting)) return;
    this.#due.add(provider);
    setImmediate(() => {
      this.#due.delete(provider);
      this.#look(provider);
    });
  }

  #look(provider: string): void {
    const { context, serving } = this.#options;
    const pools = this.#options.pools.ofProvider(provider);
    const ledger = pools[0]?.provider.ledger;
    if (!ledger || !context.store.isCurrent) return;
    const waiting = pools.flatMap(firstWaits);
    if (ledger.favoured !== undefined) {
      if (waiting.some(({ request }) => request.id === ledger.favoured)) return;
      ledger.favoured = undefined;
      for (const pool of pools) pool.capacity.changed();
      this.consider(provider);
      return;
    }
    if (waiting.length < 2) return;
    const ordered = waiting.toSorted((a, b) => compareRequests(a.request, b.request));
    const yielding = chooseToYield(
      ordered.map((one) => this.#viewOf(one)),
      this.#passingUse(provider, pools),
    );
    if (!yielding) return;
    ledger.favoured = yielding.to;
    context.log.info('requests hold each other up: the later one gives its nodes up', {
      ...{ provider, request: yielding.from, in_favour_of: yielding.to },
    });
    serving.yieldRoom(yielding.from, yielding.to);
  }

  #viewOf({ request, need, pool }: PoolWaiting): WaitingRequest {
    const { nodes, usage } = this.#options.context.store;
    let held: Quota = {};
    for (const id of usage.reservedFor(request.id)) {
      const record = nodes.get(id)?.record;
      if (record && !isLeaving(record)) held = addQuota(held, record.resources ?? {});
    }
    return {
      id: request.id,
      pool: pool.name,
      gaps: pool.capacity.gaps(need),
      held,
    };
  }

  #passingUse(provider: string, pools: readonly Pool[]): Parameters<typeof chooseToYield>[1] {
    const { usage } = this.#options.context.store;
    return {
      provider: subtractQuota(
        pools[0]?.capacity.now.providerUsed ?? {},
        usage.onHoldOfProvider(provider),
      ),
      pool: (name) =>
        subtractQuota(
          pools.find((pool) => pool.name === name)?.capacity.now.poolUsed ?? {},
          usage.onHoldOfPool(provider, name),
        ),
    };
  }
}

type PoolWaiting = Waiting & { readonly pool: Pool };

/** Each request that waits in the pool, by the first of its nodes that does. */
function firstWaits(pool: Pool): PoolWaiting[] {
  const first = new Map<string, PoolWaiting>();
  for (const { request, need } of pool.capacity.waiting) {
    if (!first.has(request.id)) first.set(request.id, { request, need, pool });
  }
  return [...first.values()];
}
