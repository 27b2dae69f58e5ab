/**
 * Keeps one node for each place of an inventory whose host lives (driver `static`): registers it once
 * the host has been asked for its keys, withdraws it when its place is gone, and registers it anew
 * when it has been used.
 *
 * A change concerns one host and costs the same whether there are ten or ten thousand. A look at all
 * of them goes in portions, so that the connection to ZooKeeper is served in between.
 */
import pLimit from 'p-limit';

import { newNode, type NodeRecord } from '../../schemas/records/node.ts';
import type { HostCheck, InventorySlot } from '../../shared/drivers/driver.ts';
import { hostKeyOf, hostOfNode } from '../../shared/rules/nodes/host-of-node.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import type { RecordChange } from '../../shared/store/record-cache.ts';
import { seconds, toState, type Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { SilentHosts } from './silent-hosts.ts';
import { slotsByHost } from './slot-of-node.ts';
import { differs, planSync, slotFields, type InventoryNode, type SyncPlan } from './sync-plan.ts';

/** Hosts that are asked, and registered, at the same time. */
const CHECKS_AT_ONCE = 50;
/** Hosts that are looked at in one turn of the event loop. */
const HOSTS_IN_A_TURN = 200;

/** What `launcher` says in the records of such nodes; the original's words. */
export const STATIC_LAUNCHER = 'static driver';

export class InventorySync {
  readonly #context: Context;
  readonly #provider: ProviderRuntime;
  readonly #limit = pLimit(CHECKS_AT_ONCE);
  /** Ids of the provider's nodes by host. */
  readonly #nodes = new Map<string, Set<string>>();
  /**
   * Nodes that were there when the provider started. Their hosts may have been installed anew since
   * they were registered, and Zuul refuses a host that shows another key than the record.
   */
  readonly #unasked = new Set<string>();
  /** Hosts that are to be looked at. */
  readonly #dirty = new Set<string>();
  /** Places that are being filled, and nodes that are being corrected. */
  readonly #busy = new Set<string>();
  readonly #silent: SilentHosts;
  readonly #stopping = new AbortController();
  #isScheduled = false;

  constructor(context: Context, provider: ProviderRuntime) {
    this.#context = context;
    this.#provider = provider;
    this.#silent = new SilentHosts(context, provider.name);
    for (const node of context.store.nodes.cache.values()) {
      if (node.record.provider !== provider.name) continue;
      this.#index(node);
      this.#unasked.add(node.id);
    }
  }

  /** Any host may have to be looked at. */
  changed(): void {
    for (const host of this.#slots.keys()) this.#dirty.add(host);
    for (const host of this.#nodes.keys()) this.#dirty.add(host);
    this.#schedule();
  }

  /** A node of the provider has changed. */
  nodeChanged({ before, after }: RecordChange<NodeRecord>): void {
    if (before) this.#forget(before);
    if (after) this.#index(after);
    else if (before) this.#unasked.delete(before.id);
    for (const node of [before, after]) {
      if (node) this.#dirty.add(hostOfNode(node.record));
    }
    this.#schedule();
  }

  /** Nobody holds the lock of a node of the provider any more. */
  unlocked(node: StoredNode): void {
    this.#dirty.add(hostOfNode(node.record));
    this.#schedule();
  }

  stop(): void {
    this.#stopping.abort();
  }

  get #slots(): ReadonlyMap<string, readonly InventorySlot[]> {
    // Hosts of a drained provider are withdrawn, when nobody uses them.
    const isDrained = this.#context.store.drains.isDrained('provider', this.#provider.name);
    const slots = isDrained ? undefined : this.#provider.connection.inventory?.slots;
    return slotsByHost(slots ?? NO_SLOTS);
  }

  #index(node: StoredNode): void {
    const host = hostOfNode(node.record);
    const known = this.#nodes.get(host);
    if (known) known.add(node.id);
    else this.#nodes.set(host, new Set([node.id]));
  }

  #forget(node: StoredNode): void {
    const host = hostOfNode(node.record);
    const known = this.#nodes.get(host);
    known?.delete(node.id);
    if (known?.size === 0) this.#nodes.delete(host);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#dirty.size === 0 || this.#stopping.signal.aborted) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#sync();
    });
  }

  #sync(): void {
    if (this.#stopping.signal.aborted || !this.#context.store.isCurrent) return;
    let left = HOSTS_IN_A_TURN;
    for (const host of this.#dirty) {
      if (left-- === 0) break;
      this.#dirty.delete(host);
      this.#carryOut(this.#planFor(host));
    }
    this.#schedule();
  }

  #planFor(host: string): SyncPlan {
    const { store } = this.#context;
    const nodes: InventoryNode[] = [];
    for (const id of this.#nodes.get(host) ?? []) {
      const node = store.nodes.get(id);
      if (!node) continue;
      const isLocked = store.nodes.isLocked(id);
      nodes.push({ id, record: node.record, isLocked, isUnasked: this.#unasked.has(id) });
    }
    return planSync(this.#slots.get(host) ?? NO_SLOTS, nodes);
  }

  #carryOut(plan: SyncPlan): void {
    for (const slot of plan.register) this.#register(slot);
    for (const id of plan.withdraw) this.#supervised('withdraw a host', this.#withdraw(id));
    for (const { id, slot } of plan.correct) {
      this.#supervised('correct a host', this.#correct(id, slot));
    }
  }

  #register(slot: InventorySlot): void {
    const key = `${slot.pool}\0${hostKeyOf(slot)}\0${slot.slot}`;
    if (this.#busy.has(key) || this.#silent.isPaused(key)) return;
    this.#busy.add(key);
    const work = this.#limit(() => this.#checkAndRegister(slot, key)).finally(() => {
      this.#busy.delete(key);
    });
    this.#supervised('register a host', work);
  }

  async #checkAndRegister(slot: InventorySlot, key: string): Promise<void> {
    const { inventory } = this.#provider.connection;
    if (!inventory || this.#hasStopped()) return;
    const check = await inventory.check(slot, this.#stopping.signal);
    if (!check.ok) {
      const failed = { slot, reason: check.reason };
      this.#silent.didNotAnswer(key, failed, this.#stopping.signal, () => {
        this.#dirty.add(hostKeyOf(slot));
        this.#schedule();
      });
      return;
    }
    this.#silent.answered(key);
    if (this.#hasStopped() || !this.#planFor(hostKeyOf(slot)).register.includes(slot)) return;
    const node = await this.#context.store.nodes.create(this.#recordOf(slot, check), {
      signal: this.#stopping.signal,
    });
    this.#context.log.info('host registered', {
      node: node.id,
      provider: this.#provider.name,
      pool: slot.pool,
      host: slot.name,
      slot: slot.slot,
    });
  }

  /** A function, since the compiler believes that a signal stays as it is over an await. */
  #hasStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #recordOf(slot: InventorySlot, check: HostCheck & { ok: true }): ReturnType<typeof newNode> {
    return newNode(
      {
        ...slotFields(slot),
        state: 'ready',
        provider: this.#provider.name,
        pool: slot.pool,
        launcher: STATIC_LAUNCHER,
        external_id: slot.name,
        hostname: slot.name,
        interface_ip: slot.name,
        public_ipv4: check.publicIpv4,
        public_ipv6: check.publicIpv6,
        host_keys: [...check.hostKeys],
      },
      seconds(this.#context.clock),
    );
  }

  async #withdraw(id: string): Promise<void> {
    const node = this.#context.store.nodes.get(id);
    if (node?.record.state !== 'ready' || node.record.allocated_to !== null) return;
    const owned = await this.#context.store.nodes.take(
      node,
      toState(this.#context.clock, 'deleting'),
    );
    await owned?.release();
    if (owned)
      this.#context.log.info('host withdrawn', { node: id, provider: this.#provider.name });
  }

  async #correct(id: string, slot: InventorySlot): Promise<void> {
    const { inventory } = this.#provider.connection;
    if (!inventory || this.#busy.has(id)) return;
    this.#busy.add(id);
    try {
      const check = await this.#limit(() => inventory.check(slot, this.#stopping.signal));
      if (!check.ok) {
        await this.#withdraw(id);
        return;
      }
      const node = this.#context.store.nodes.get(id);
      if (node?.record.state !== 'ready' || node.record.allocated_to !== null) return;
      if (!differs(node.record, slot) && isSameSet(node.record.host_keys, check.hostKeys)) {
        this.#unasked.delete(id);
        return;
      }
      const owned = await this.#context.store.nodes.take(node, {
        ...slotFields(slot),
        host_keys: [...check.hostKeys],
      });
      await owned?.release();
      if (!owned) return;
      this.#unasked.delete(id);
      this.#context.log.info('host corrected', { node: id, host: slot.name });
    } finally {
      this.#busy.delete(id);
    }
  }

  #supervised(what: string, work: Promise<unknown>): void {
    this.#context.supervise(
      what,
      work.catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) throw error;
      }),
    );
  }
}

/** The order in which a host shows its keys means nothing. */
function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const set = new Set(some);
  return set.size === new Set(others).size && others.every((one) => set.has(one));
}

const NO_SLOTS: readonly InventorySlot[] = [];
