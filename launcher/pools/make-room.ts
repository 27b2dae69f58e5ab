/**
 * Lets ready nodes that nobody asked for go when a request waits for quota in their pool.
 */
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

  makeRoom(pool: Pool, gaps: readonly QuotaGap[]): void {
    const { store } = this.#context;
    const free = new Map<string, StoredNode>();
    for (const label of pool.config.labels.keys()) {
      for (const id of store.usage.freeOfPool(pool.provider.name, pool.name, label)) {
        const node = store.nodes.get(id);
        if (!node || this.#claimed.has(id) || store.nodes.isLocked(id)) continue;
        free.set(id, node);
      }
    }
    if (free.size === 0) return;
    const candidates = [...free.values()]
      .filter((node) => !this.#leaving.has(node.id))
      .map((node) => ({
        id: node.id,
        since: node.record.state_time,
        resources: node.record.resources ?? {},
      }));
    for (const id of chooseEvictions(gaps, candidates, this.#leavingSum(pool))) {
      const node = free.get(id);
      if (node) this.#context.supervise('make room', this.#mark(node));
    }
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
