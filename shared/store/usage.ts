/**
 * What nodes take, as running sums by provider, pool and tenant, and nodes by the request that they
 * are reserved for. A change of one node costs the same whether there are ten or ten thousand.
 */
import { DELETABLE_STATES, type NodeRecord } from '../../schemas/records/node.ts';
import type { Quota } from '../../schemas/quota.ts';
import { MIN_READY_REQUESTOR } from '../../schemas/records/request.ts';
import type { RecordCache, Stored } from './record-cache.ts';

const NOTHING: Quota = {};
const NO_IDS: ReadonlySet<string> = new Set();

/** The sums are live objects: read them, do not keep them. */
export class Usage {
  readonly #byProvider = new Map<string, Record<string, number>>();
  readonly #byPool = new Map<string, Record<string, number>>();
  readonly #leaving = new Map<string, Record<string, number>>();
  readonly #onHold = new Map<string, Record<string, number>>();
  readonly #onHoldOfProvider = new Map<string, Record<string, number>>();
  readonly #byTenant = new Map<string, Record<string, number>>();
  readonly #byRequest = new Map<string, Set<string>>();
  readonly #free = new Map<string, Set<string>>();
  readonly #standby = new Map<string, Set<string>>();

  constructor(nodes: RecordCache<NodeRecord>) {
    nodes.onChange(({ before, after }) => {
      if (!before || !after || !countsSame(before.record, after.record)) {
        if (before) this.#count(before, -1);
        if (after) this.#count(after, 1);
      }
      if (before?.record.allocated_to !== after?.record.allocated_to) {
        if (before) this.#reserve(before, -1);
        if (after) this.#reserve(after, 1);
      }
      const wasIdle = before?.record.state === 'ready';
      if (wasIdle) this.#offer(before, -1);
      if (after?.record.state === 'ready') this.#offer(after, 1);
    });
  }

  ofProvider(provider: string): Quota {
    return this.#byProvider.get(provider) ?? NOTHING;
  }

  ofPool(provider: string, pool: string): Quota {
    return this.#byPool.get(poolKey(provider, pool)) ?? NOTHING;
  }

  /** What nodes of the pool take that are being deleted. */
  leavingPool(provider: string, pool: string): Quota {
    return this.#leaving.get(poolKey(provider, pool)) ?? NOTHING;
  }

  /** What nodes take that people hold on to: it may stay so for days. */
  onHoldOfProvider(provider: string): Quota {
    return this.#onHoldOfProvider.get(provider) ?? NOTHING;
  }

  /** The same of one pool. */
  onHoldOfPool(provider: string, pool: string): Quota {
    return this.#onHold.get(poolKey(provider, pool)) ?? NOTHING;
  }

  ofTenant(tenant: string): Quota {
    return this.#byTenant.get(tenant) ?? NOTHING;
  }

  /** Ids of the nodes reserved for a request. */
  reservedFor(request: string): ReadonlySet<string> {
    return this.#byRequest.get(request) ?? NO_IDS;
  }

  /** Every request for which nodes are reserved. */
  reservingRequests(): IterableIterator<string> {
    return this.#byRequest.keys();
  }

  /** Ids of the ready, unreserved nodes of a pool that have the label; oldest first. */
  freeOfPool(provider: string, pool: string, label: string): ReadonlySet<string> {
    return this.#free.get(`${poolKey(provider, pool)}\0${label}`) ?? NO_IDS;
  }

  /**
   * Ready nodes with the label that nobody uses: unreserved ones, and standby nodes whose own request
   * is just being closed.
   */
  standbyCount(label: string): number {
    return this.#standby.get(label)?.size ?? 0;
  }

  #count(node: Stored<NodeRecord>, sign: 1 | -1): void {
    const { provider, pool, tenant_name, resources } = node.record;
    const need = resources ?? NOTHING;
    if (provider !== null) {
      add(this.#byProvider, provider, need, sign);
      add(this.#byPool, poolKey(provider, pool), need, sign);
      if (isLeaving(node.record)) add(this.#leaving, poolKey(provider, pool), need, sign);
      if (node.record.state === 'hold') {
        add(this.#onHoldOfProvider, provider, need, sign);
        add(this.#onHold, poolKey(provider, pool), need, sign);
      }
    }
    if (tenant_name !== null && !isUnowned(node.record)) {
      add(this.#byTenant, tenant_name, need, sign);
    }
  }

  #reserve(node: Stored<NodeRecord>, sign: 1 | -1): void {
    const { allocated_to } = node.record;
    if (allocated_to !== null) index(this.#byRequest, allocated_to, node.id, sign);
  }

  /** Ready nodes only. */
  #offer(node: Stored<NodeRecord>, sign: 1 | -1): void {
    const { provider, pool, allocated_to, requestor, type } = node.record;
    const isStandby = allocated_to === null || requestor === MIN_READY_REQUESTOR;
    if (!isStandby) return;
    for (const label of type) {
      index(this.#standby, label, node.id, sign);
      if (allocated_to !== null) continue;
      index(this.#free, `${poolKey(provider ?? '', pool)}\0${label}`, node.id, sign);
    }
  }
}

/** Whether two versions of a node count the same in all sums. */
function countsSame(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.provider === b.provider &&
    a.pool === b.pool &&
    a.tenant_name === b.tenant_name &&
    isLeaving(a) === isLeaving(b) &&
    (a.state === 'hold') === (b.state === 'hold') &&
    isUnowned(a) === isUnowned(b) &&
    (a.resources === b.resources || JSON.stringify(a.resources) === JSON.stringify(b.resources))
  );
}

/** Free for anybody: whoever had it before does not pay for it any more. */
function isUnowned(node: NodeRecord): boolean {
  return node.state === 'ready' && node.allocated_to === null;
}

/** Its room comes back soon: in a state that says "delete me", whoever holds its lock. */
export function isLeaving({ state }: NodeRecord): boolean {
  return DELETABLE_STATES.has(state) && state !== 'building' && state !== 'in-use';
}

function poolKey(provider: string, pool: string | null): string {
  return `${provider}\0${pool ?? ''}`;
}

function add(
  sums: Map<string, Record<string, number>>,
  key: string,
  need: Quota,
  sign: number,
): void {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = {}));
  for (const name of Object.keys(need)) sum[name] = (sum[name] ?? 0) + sign * (need[name] ?? 0);
}

function index(sets: Map<string, Set<string>>, key: string, id: string, sign: number): void {
  const set = sets.get(key);
  if (sign < 0) {
    set?.delete(id);
    if (set?.size === 0) sets.delete(key);
  } else if (set) {
    set.add(id);
  } else {
    sets.set(key, new Set([id]));
  }
}
