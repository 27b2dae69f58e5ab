import assert from 'node:assert/strict';
import { settle } from '../../../../fixtures/clock.ts';
import { LeftBehind } from '../../../../launcher/borrowing/left-behind.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { StoredNode } from '../../../../shared/store/nodes.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { noMetrics } from '../../../../shared/telemetry/metrics.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const OWNER = 'NodePool:metastatic:meta';

describe('nodes that a provider has borrowed and left behind', () => {
  let world: StoreWorld;
  let present: Set<string>;
  let sweeper: LeftBehind;
  let borrowed: StoredNode;

  beforeEach(async () => {
    world = await StoreWorld.start();
    present = new Set();
    sweeper = new LeftBehind({
      context: {
        ...{ store: world.store, clock: world.clock, random: () => 0.5 },
        ...{ log: silentLogger, metrics: noMetrics, supervise: () => undefined },
      },
      isPresent: (provider) => present.has(provider),
    });
    borrowed = await keep('in-use');
  });

  async function keep(state: 'in-use' | 'used'): Promise<StoredNode> {
    const user_data = JSON.stringify({ owner: OWNER, label: 'slot', slots: 2 });
    const node = await world.node({ state, user_data });
    const options = { identifier: OWNER, isEphemeral: false };
    await new Lock(world.other, `${node.path}/lock`, options).tryAcquire();
    await settle();
    return node;
  }

  const isKept = (): boolean => world.store.nodes.isLocked(borrowed.id);

  it('are given back after ten minutes without any launcher that has it', async () => {
    await sweeper.sweep();
    await world.clock.advance(599_000);
    await sweeper.sweep();
    assert.equal(isKept(), true);
    await world.clock.advance(2_000);
    await sweeper.sweep();
    await settle();
    assert.equal(isKept(), false);
    assert.equal(world.stateOf(borrowed), 'used');
  });

  it('are given back at once if it left our own configuration', async () => {
    sweeper.providerLeft('meta');
    await sweeper.sweep();
    await settle();
    assert.equal(isKept(), false);
  });

  it('stay while any launcher has it, however long it was away', async () => {
    sweeper.providerLeft('meta');
    present.add('meta');
    await sweeper.sweep();
    present.clear();
    await sweeper.sweep();
    assert.equal(isKept(), true);
  });

  it('stay while one of its nodes is in use; those that are not are deleted', async () => {
    const used = await world.takenNode({ provider: 'meta', state: 'in-use' });
    const idle = await world.node({ provider: 'meta', state: 'ready' });
    sweeper.providerLeft('meta');
    await sweeper.sweep();
    await settle();
    assert.equal(isKept(), true);
    assert.equal(world.store.nodes.get(idle.id), undefined);
    await used.release();
    await settle();
    await sweeper.sweep();
    await settle();
    assert.equal(world.store.nodes.get(used.id), undefined);
    assert.equal(isKept(), false);
  });

  it('are unlocked if whoever gave them back died before that', async () => {
    present.add('meta');
    const half = await keep('used');
    await sweeper.sweep();
    await settle();
    assert.equal(world.store.nodes.isLocked(half.id), true, 'it may be just about to');
    await sweeper.sweep();
    await settle();
    assert.equal(world.store.nodes.isLocked(half.id), false);
    assert.equal(isKept(), true);
  });
});
