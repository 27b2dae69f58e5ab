/**
 * From a change in the caches to those whom it concerns. Nothing here decides, waits or writes.
 */
import type { NodeRecord } from '../schemas/records/node.ts';
import type { ComponentRecord } from '../schemas/records/component.ts';
import type { StoredNode } from '../shared/store/nodes.ts';
import { idOf } from '../shared/store/paths.ts';
import type { RecordChange } from '../shared/store/record-cache.ts';
import type { Store } from '../shared/store/store.ts';
import type { Assigner } from './assignment/assigner.ts';
import type { Retirer } from './drain/retire.ts';
import type { InventorySync } from './inventory/inventory-sync.ts';
import type { NodeDeleter } from './nodes/deleter.ts';
import type { NodeFreer } from './nodes/freer.ts';
import type { Pools } from './pools/pools.ts';
import type { StuckRequests } from './pools/stuck.ts';
import type { Serving } from './requests/serving.ts';
import type { StockKeeper } from './stock/stock-keeper.ts';
import type { Upkeep } from './upkeep/upkeep.ts';

export interface Listeners {
  readonly store: Store;
  readonly pools: Pools;
  readonly assigner: Assigner;
  readonly serving: Serving;
  readonly stuck: StuckRequests;
  readonly deleter: NodeDeleter;
  readonly freer: NodeFreer;
  readonly retirer: Retirer;
  readonly stock: StockKeeper;
  readonly upkeep: Upkeep;
  readonly inventories: ReadonlyMap<string, InventorySync>;
  readonly hasTenantLimits: (tenant: string) => boolean;
}

export function listen(to: Listeners): void {
  const { store } = to;
  store.requests.cache.onChange(({ id, before, after }) => {
    if (after?.record.state === 'requested') to.assigner.requestChanged(id);
    if (!after) {
      to.assigner.requestGone(id);
      to.serving.requestGone(id);
      to.freer.requestGone(id);
    }
    to.stock.requestChanged(before, after);
  });
  store.nodes.cache.onChange((change) => {
    nodeChanged(to, change);
  });
  store.nodes.cache.tree.onSettled((path) => {
    const node = store.nodes.get(idOf(path));
    if (node) careFor(to, node);
  });
  store.nodes.locks.onChange((id, contenders) => {
    const node = store.nodes.get(id);
    if (!node || contenders > 0) return;
    careFor(to, node);
    to.inventories.get(node.record.provider ?? '')?.unlocked(node);
    if (isFree(node.record)) freeNodeCame(to, node.record);
  });
  store.components.cache.onChange((change) => {
    componentChanged(to, change);
  });
  store.images.uploads.onChange(({ before, after }) => {
    if (before?.record.state === after?.record.state) return;
    to.assigner.everythingChanged();
    to.stock.changed();
  });
  store.onCurrent((isCurrent) => {
    if (isCurrent) everythingIsNew(to);
  });
}

/** After a start or a reconnect: any event may have been missed. */
export function everythingIsNew(to: Listeners): void {
  to.deleter.considerAll();
  to.freer.sweep();
  to.retirer.considerAll();
  for (const inventory of to.inventories.values()) inventory.changed();
  for (const pool of to.pools.all()) pool.capacity.changed();
  to.assigner.everythingChanged();
  to.stock.changed();
  to.upkeep.soon();
}

/** There may be more room in the provider's cloud, or in its pools. */
export function roomCame(to: Listeners, provider: string): void {
  for (const pool of to.pools.ofProvider(provider)) {
    pool.isBlocked = false;
    pool.capacity.changed();
    to.assigner.poolChanged(pool);
    to.stock.roomCame(pool.config.labels.keys());
  }
  to.stuck.consider(provider);
}

/** A tenant's limits hold over all providers, so any pool may have waited for this. */
export function tenantRoomCame(to: Listeners, tenant: string | null): void {
  if (tenant === null || !to.hasTenantLimits(tenant)) return;
  for (const pool of to.pools.all()) to.assigner.poolChanged(pool);
}

/** Somebody may have to care for the node as it is now. */
function careFor(to: Listeners, node: StoredNode): void {
  to.deleter.consider(node);
  to.freer.consider(node);
  to.retirer.consider(node);
}

function nodeChanged(to: Listeners, change: RecordChange<NodeRecord>): void {
  const { id, before, after } = change;
  if (after) {
    careFor(to, after);
    if (isFree(after.record)) freeNodeCame(to, after.record);
  } else {
    to.deleter.forget(id);
  }
  const was = before?.record;
  const provider = (after?.record ?? was)?.provider ?? '';
  if (was && usesLess(after?.record, was)) {
    roomCame(to, provider);
    tenantRoomCame(to, was.tenant_name);
  } else if (was?.allocated_to != null && after && isFree(after.record)) {
    tenantRoomCame(to, was.tenant_name);
  }
  if (was?.state !== after?.record.state) to.stock.changed();
  to.stuck.consider(provider);
  to.inventories.get(provider)?.nodeChanged(change);
}

function freeNodeCame(to: Listeners, node: NodeRecord): void {
  const pool = to.pools.get(node.provider ?? '', node.pool ?? '');
  if (pool) to.assigner.poolChanged(pool);
  // It may make room for who waits, in other pools of the cloud, too.
  for (const one of to.pools.ofProvider(node.provider ?? '')) {
    if (one.isWaiting) one.capacity.changed();
  }
  to.stock.changed();
}

function componentChanged(to: Listeners, { before, after }: RecordChange<ComponentRecord>): void {
  const component = after?.record ?? before?.record;
  if (component?.kind !== 'pool') return;
  if (!after) to.upkeep.soon();
  if (before && after && onlyPauseChanged(before.record, after.record)) {
    // Others need not yield to the pool any more; that they must again gives nobody anything to do.
    if (component.paused === true) rivalPaused(to, component);
    return;
  }
  to.assigner.everythingChanged();
  to.stock.changed();
}

function rivalPaused({ pools, assigner }: Listeners, paused: ComponentRecord): void {
  for (const pool of pools.all()) {
    const isRival = (paused.supported_labels ?? []).some((label) => pool.config.labels.has(label));
    if (isRival && pool.id !== paused.id) assigner.poolChanged(pool);
  }
}

function onlyPauseChanged(a: ComponentRecord, b: ComponentRecord): boolean {
  return (
    a.paused !== b.paused &&
    JSON.stringify({ ...a, paused: null }) === JSON.stringify({ ...b, paused: null })
  );
}

function isFree(node: NodeRecord): boolean {
  return node.state === 'ready' && node.allocated_to === null;
}

function usesLess(now: NodeRecord | undefined, before: NodeRecord): boolean {
  if (now?.resources === before.resources) return false;
  return Object.entries(before.resources ?? {}).some(
    ([name, amount]) => (now?.resources?.[name] ?? 0) < amount,
  );
}
