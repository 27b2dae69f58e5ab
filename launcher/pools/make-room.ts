/**
 * Lets ready nodes that nobody asked for go when a request waits for quota in their pool.
 */
import type { PoolConfig } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import { addQuota, type QuotaGap } from '../../shared/cloud/quota.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import { isLeaving } from '../../shared/store/usage.ts';
import { toState, type Context } from '../context.ts';
import { chooseEvictions } from './evict.ts';
import type { Pool } from './pool.ts';

export class RoomMaker {
  readonly #context: Context;
  readonly #claimed: ReadonlySet<string>;
  /** Nodes that we are about to mark; their znodes do not say so yet. */
  readonly #leaving = new Set<string>();

  constructor(context: Context, claimed: ReadonlySet<string>) {
    this.#context = context;
    this.#claimed = claimed;
  }

  /** Nodes of other pools go where these have none, and only the cloud's quota is in the way. */
  makeRoom(pool: Pool, gaps: readonly QuotaGap[]): void {
    const { name, config } = pool.provider;
    const own = this.#freeOf(name, pool.config);
    const isOnlyCloud = gaps.every((gap) => !isOfPool(pool, gap));
    const free =
      own.length === 0 && isOnlyCloud
        ? config.pools.flatMap((other) => this.#freeOf(name, other))
        : own;
    const candidates = free.map(({ id, record }) => ({
      id,
      since: record.state_time,
      resources: record.resources ?? {},
    }));
    const chosen = new Set(chooseEvictions(gaps, candidates, this.#leavingSum(pool)));
    for (const node of free) {
      if (chosen.has(node.id)) this.#context.supervise('make room', this.#mark(node));
    }
  }

  #freeOf(provider: string, pool: PoolConfig): StoredNode[] {
    const { nodes, usage } = this.#context.store;
    const free = new Map<string, StoredNode>();
    for (const label of pool.labels.keys()) {
      for (const id of usage.freeOfPool(provider, pool.name, label)) {
        if (this.#claimed.has(id) || this.#leaving.has(id) || nodes.isLocked(id)) continue;
        const node = nodes.get(id);
        if (node) free.set(id, node);
      }
    }
    return [...free.values()];
  }

  #leavingSum(pool: Pool): Quota {
    const { store } = this.#context;
    const { name } = pool.provider;
    let sum = store.usage.leavingPool(name, pool.name);
    for (const id of this.#leaving) {
      const record = store.nodes.get(id)?.record;
      if (record?.provider !== name || record.pool !== pool.name || isLeaving(record)) continue;
      sum = addQuota(sum, record.resources ?? {});
    }
    return sum;
  }

  async #mark(node: StoredNode): Promise<void> {
    this.#leaving.add(node.id);
    try {
      const owned = await this.#context.store.nodes.take(
        node,
        toState(this.#context.clock, 'deleting'),
      );
      await owned?.release();
      if (owned) this.#context.log.info('ready node makes room for a request', { node: node.id });
    } finally {
      this.#leaving.delete(node.id);
    }
  }
}

/** Whether the pool's own limit is too small for what waits, beside what is used. */
function isOfPool(pool: Pool, { name, need }: QuotaGap): boolean {
  const { poolLimits, poolUsed } = pool.capacity.now;
  return need > (poolLimits[name] ?? Infinity) - (poolUsed[name] ?? 0);
}
