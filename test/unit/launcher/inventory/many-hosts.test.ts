/** Thousands of hosts: what their registration costs, counted in questions, looks and writes. */
import assert from 'node:assert/strict';

import { InventorySync } from '../../../../launcher/inventory/inventory-sync.ts';
import type { ProviderRuntime } from '../../../../launcher/providers/provider-runtime.ts';
import type { HostCheck, InventorySlot } from '../../../../shared/drivers/driver.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { noMetrics } from '../../../../shared/telemetry/metrics.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const HOSTS = 5000;

class Rack {
  readonly world: StoreWorld;
  readonly slots: readonly InventorySlot[];
  readonly sync: InventorySync;
  checks = 0;
  mostAtOnce = 0;
  isAlive = true;
  /** Nodes that were looked at. */
  looks = 0;
  readonly warnings: string[] = [];
  readonly failures: unknown[] = [];
  #atOnce = 0;

  constructor(world: StoreWorld, hosts: number) {
    this.world = world;
    this.slots = Array.from({ length: hosts }, (_, index) => slotOf(`host-${index}`));
    const { store } = world;
    const isLocked = store.nodes.isLocked.bind(store.nodes);
    store.nodes.isLocked = (id) => {
      this.looks++;
      return isLocked(id);
    };
    const inventory = {
      slots: this.slots,
      check: () => this.#check(),
      isAlive: () => Promise.resolve(true),
    };
    const log = { ...silentLogger, warn: (message: string) => this.warnings.push(message) };
    this.sync = new InventorySync(
      {
        ...{ store, clock: world.clock, random: () => 0.5, metrics: noMetrics, log },
        supervise: (_, work) => {
          work.catch((error: unknown) => this.failures.push(error));
        },
      },
      { name: 'rack', connection: { inventory } } as unknown as ProviderRuntime,
    );
    store.nodes.cache.onChange((change) => {
      this.sync.nodeChanged(change);
    });
  }

  get registered(): number {
    return this.world.store.nodes.cache.size;
  }

  get writes(): number {
    const { sent } = this.world.client;
    return ['create', 'set', 'delete', 'multi'].reduce((sum, op) => sum + (sent.get(op) ?? 0), 0);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let round = 0; !condition(); round++) {
      assert.ok(round < 5000, 'never');
      await this.world.clock.advance(0);
    }
  }

  async #check(): Promise<HostCheck> {
    this.checks++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    this.#atOnce--;
    if (!this.isAlive) return { ok: false, reason: 'no answer' };
    return { ok: true, hostKeys: [], publicIpv4: null, publicIpv6: null };
  }
}

function slotOf(name: string): InventorySlot {
  return {
    ...{ pool: 'main', name, slot: 0, labels: ['metal'], username: 'zuul', connectionPort: 22 },
    ...{ connectionType: 'ssh', shellType: null, pythonPath: 'auto', hostKeyChecking: true },
    ...{ hostKeys: [], attributes: null },
  };
}

describe('an inventory of thousands of hosts', function () {
  this.timeout(30_000);

  it('is registered with one question, one write and few looks for each, not all at once', async () => {
    const rack = new Rack(await StoreWorld.start(), HOSTS);
    const before = rack.writes;
    rack.sync.changed();
    await rack.until(() => rack.registered === HOSTS);
    await rack.world.clock.advance(0);
    assert.equal(rack.checks, HOSTS);
    assert.equal(rack.writes - before, HOSTS);
    assert.ok(rack.mostAtOnce <= 50, `${rack.mostAtOnce} hosts at once`);
    assert.ok(rack.looks <= 3 * HOSTS, `${rack.looks} looks at nodes`);
    assert.deepEqual(rack.failures, []);

    rack.sync.changed();
    for (let round = 0; round < 50; round++) await rack.world.clock.advance(0);
    assert.deepEqual([rack.checks, rack.writes - before], [HOSTS, HOSTS], 'nothing is left to do');
  });

  it('costs one host when one host changes', async () => {
    const rack = new Rack(await StoreWorld.start(), 300);
    rack.sync.changed();
    await rack.until(() => rack.registered === 300);
    await rack.world.clock.advance(0);
    const [first] = rack.world.store.nodes.cache.values();
    assert.ok(first);
    const { checks, looks, writes } = rack;
    const owned = await rack.world.store.nodes.take(first, { state: 'used' });
    assert.ok(owned);
    await rack.world.store.nodes.remove(owned, 0);
    await rack.until(() => rack.registered === 300);
    assert.equal(rack.checks - checks, 1);
    assert.equal(rack.writes - writes, 3, 'taken, removed, registered');
    assert.ok(rack.looks - looks <= 6);
  });

  it('is asked again in growing pauses where it is silent, and reported once', async () => {
    const rack = new Rack(await StoreWorld.start(), 100);
    rack.isAlive = false;
    rack.sync.changed();
    await rack.world.clock.advance(34_000);
    assert.equal(rack.checks, 300, 'at once, after 5 s and after 10 s more');
    assert.equal(rack.warnings.length, 100);
    rack.isAlive = true;
    await rack.world.clock.advance(60_000);
    assert.equal(rack.registered, 100);
    assert.deepEqual(rack.failures, []);
  });
});
