/**
 * Keeps one node for each place of an inventory whose host lives (driver `static`): registers it once
 * the host has been asked for its keys, withdraws it when its place is gone, and registers it anew
 * when it has been used.
 *
 * Hosts that do not answer are asked again, with growing pauses for each, so that thousands of them are no storm.
 */
import pLimit from 'p-limit';

import { newNode } from '../../schemas/records/node.ts';
import { onAbort } from '../../shared/base/wait.ts';
import type { HostCheck, InventorySlot } from '../../shared/drivers/driver.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import { seconds, toState, type Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { hostKeyOf } from './slot-of-node.ts';
import { planSync, slotFields, type InventoryNode } from './sync-plan.ts';

/** Hosts that are asked at the same time. */
const CHECKS_AT_ONCE = 50;
/** Pauses until a host that did not answer is asked again. */
const FIRST_PAUSE_MS = 5000;
const LAST_PAUSE_MS = 60_000;

/** What `launcher` says in the records of such nodes; the original's words. */
export const STATIC_LAUNCHER = 'static driver';

export class InventorySync {
  readonly #context: Context;
  readonly #provider: ProviderRuntime;
  readonly #limit = pLimit(CHECKS_AT_ONCE);
  readonly #registering = new Set<string>();
  readonly #silent = new Map<string, { pauseMs: number; until: number }>();
  readonly #stopping = new AbortController();
  #isScheduled = false;

  constructor(context: Context, provider: ProviderRuntime) {
    this.#context = context;
    this.#provider = provider;
  }

  /** Nodes of the provider, their locks or its configuration have changed. */
  changed(): void {
    if (this.#isScheduled || this.#stopping.signal.aborted) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#sync();
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  #sync(): void {
    const { inventory } = this.#provider.connection;
    if (!inventory || this.#stopping.signal.aborted || !this.#context.store.isCurrent) return;
    const plan = planSync(inventory.slots, this.#nodes());
    for (const slot of plan.register) this.#register(slot);
    for (const id of plan.withdraw) this.#supervised('withdraw a host', this.#withdraw(id));
    for (const { id, slot } of plan.correct) {
      this.#supervised('correct a host', this.#correct(id, slot));
    }
  }

  #nodes(): InventoryNode[] {
    const nodes: InventoryNode[] = [];
    for (const { id, record } of this.#context.store.nodes.cache.values()) {
      if (record.provider !== this.#provider.name) continue;
      nodes.push({ id, record, isLocked: this.#context.store.nodes.isLocked(id) });
    }
    return nodes;
  }

  #register(slot: InventorySlot): void {
    const key = `${slot.pool}\0${hostKeyOf(slot)}\0${slot.slot}`;
    if (this.#registering.has(key)) return;
    if ((this.#silent.get(key)?.until ?? 0) > this.#context.clock.monotonic()) return;
    this.#registering.add(key);
    const work = this.#limit(() => this.#checkAndRegister(slot, key)).finally(() => {
      this.#registering.delete(key);
    });
    this.#supervised('register a host', work);
  }

  async #checkAndRegister(slot: InventorySlot, key: string): Promise<void> {
    const { inventory } = this.#provider.connection;
    if (!inventory || this.#hasStopped()) return;
    const check = await inventory.check(slot, this.#stopping.signal);
    if (!check.ok) {
      this.#askAgainLater(slot, key, check.reason);
      return;
    }
    this.#silent.delete(key);
    if (this.#hasStopped() || !this.#isStillEmpty(slot)) return;
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

  #isStillEmpty(slot: InventorySlot): boolean {
    const { register } = planSync([slot], this.#nodes());
    return register.length > 0;
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

  #askAgainLater(slot: InventorySlot, key: string, reason: string): void {
    const pauseMs = Math.min(
      (this.#silent.get(key)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2,
      LAST_PAUSE_MS,
    );
    this.#silent.set(key, { pauseMs, until: this.#context.clock.monotonic() + pauseMs });
    this.#context.log.warn('host not registered; it is asked again', {
      provider: this.#provider.name,
      host: slot.name,
      reason,
      again_in_seconds: pauseMs / 1000,
    });
    const cancel = this.#context.clock.after(pauseMs + 1, () => {
      forget();
      this.changed();
    });
    const forget = onAbort(this.#stopping.signal, cancel);
  }

  async #withdraw(id: string): Promise<void> {
    const node = this.#context.store.nodes.get(id);
    if (node?.record.state !== 'ready') return;
    const owned = await this.#context.store.nodes.take(
      node,
      toState(this.#context.clock, 'deleting'),
    );
    await owned?.release();
    if (owned)
      this.#context.log.info('host withdrawn', { node: id, provider: this.#provider.name });
  }

  async #correct(id: string, slot: InventorySlot): Promise<void> {
    const node: StoredNode | undefined = this.#context.store.nodes.get(id);
    const { inventory } = this.#provider.connection;
    if (!node || !inventory || this.#registering.has(id)) return;
    this.#registering.add(id);
    try {
      const check = await this.#limit(() => inventory.check(slot, this.#stopping.signal));
      if (!check.ok) {
        await this.#withdraw(id);
        return;
      }
      const owned = await this.#context.store.nodes.take(node, {
        ...slotFields(slot),
        host_keys: [...check.hostKeys],
      });
      await owned?.release();
      if (owned) this.#context.log.info('host corrected', { node: id, host: slot.name });
    } finally {
      this.#registering.delete(id);
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
