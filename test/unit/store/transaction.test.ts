import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { NodeRecord } from '../../../schemas/records/node.ts';
import { hasCode, hasLabel } from '../../../shared/base/errors.ts';
import { StoreWorld } from '../../support/fake-store.ts';

describe('a transaction', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  it('of nothing asks ZooKeeper nothing', async () => {
    await world.store.transaction().commit();
    assert.deepEqual(world.transactions, []);
  });

  it('keeps the order that Zuul relies on, with one fence for each lock that stays', async () => {
    const request = await world.takenRequest();
    const nodes = [await world.takenNode(), await world.takenNode()];
    world.transactions.length = 0;
    const transaction = world.store.transaction();
    for (const node of nodes) transaction.release(node);
    await transaction.set(request, { state: 'fulfilled' }).release(request).commit();
    const [one, two] = nodes.map((node) => `nodes/${node.id}`);
    assert.deepEqual(world.transactions, [
      [
        `delete ${one ?? ''}/lock/child`,
        `delete ${two ?? ''}/lock/child`,
        `set requests/${request.id}`,
        `delete requests-lock/${request.id}/child`,
      ],
    ]);
    assert.equal(world.stateOf(request), 'fulfilled');
  });

  it('checks a lock once, and not at all where it is given back', async () => {
    const node = await world.takenNode();
    const request = await world.takenRequest();
    world.transactions.length = 0;
    await world.store
      .transaction()
      .set(node, { state: 'in-use' })
      .set(request, { state: 'pending' })
      .release(node)
      .commit();
    assert.deepEqual(
      world.transactions[0]?.map((op) => op.split(' ')[0]),
      ['set', 'check', 'set', 'delete'],
    );
  });

  it('leaves the record, its version and the cache as they are now', async () => {
    const node = await world.takenNode();
    for (const state of ['in-use', 'used', 'deleting'] as const) {
      await world.store.transaction().set(node, { state }).commit();
      assert.equal(node.record.state, state);
      assert.equal(node.version, world.server.znodes.get(node.path).stat.version);
      assert.equal(world.store.nodes.get(node.id)?.record, node.record);
      assert.equal(world.store.nodes.get(node.id)?.version, node.version);
    }
  });

  it('is known to be on its way when others are told that the lock is free', async () => {
    const node = await world.takenNode();
    const seen: unknown[] = [];
    world.store.nodes.locks.onChange((id, contenders) => {
      seen.push([contenders, world.store.nodes.cache.tree.isBehind(node.path)]);
    });
    await world.store.transaction().set(node, { state: 'used' }).release(node).commit();
    assert.deepEqual(seen, [[0, true]]);
    assert.equal(world.store.nodes.cache.tree.isBehind(node.path), false);
    assert.equal(world.store.nodes.get(node.id)?.record.state, 'used');
  });

  it('writes nothing once a lock is lost', async () => {
    const node = await world.takenNode();
    const request = await world.takenRequest();
    await world.other.delete(request.held.childPath);
    const writing = world.store
      .transaction()
      .set(node, { state: 'in-use' })
      .set(request, { state: 'fulfilled' })
      .commit();
    await assert.rejects(writing, (error) => hasCode(error, 'ZK_NO_NODE'));
    assert.deepEqual([world.stateOf(node), world.stateOf(request)], ['ready', 'requested']);
    assert.deepEqual([node.record.state, request.record.state], ['ready', 'requested']);
  });

  it('writes nothing over what somebody else wrote', async () => {
    const node = await world.takenNode();
    const request = await world.takenRequest();
    await world.other.set(node.path, Buffer.from(JSON.stringify({ state: 'hold' })));
    const writing = world.store
      .transaction()
      .set(request, { state: 'fulfilled' })
      .set(node, { state: 'deleting' })
      .commit();
    await assert.rejects(writing, (error) => hasCode(error, 'ZK_BAD_VERSION'));
    assert.deepEqual([world.stateOf(node), world.stateOf(request)], ['hold', 'requested']);
  });

  it('deletes a node with its lock', async () => {
    const node = await world.takenNode();
    await world.store.transaction().remove(node).commit();
    assert.equal(world.server.znodes.has(node.path), false);
    assert.equal(world.store.nodes.get(node.id), undefined);
  });

  it('deletes no node whose lock somebody else waits for', async () => {
    const node = await world.takenNode();
    await world.other.create(`${node.held.path}/zuul__lock__0000000009`);
    await assert.rejects(world.store.transaction().remove(node).commit(), (error) =>
      hasCode(error, 'ZK_NOT_EMPTY'),
    );
    assert.equal(world.server.znodes.has(node.held.childPath), true);
  });

  describe('whose answer is lost', () => {
    for (const what of ['request', 'answer'] as const) {
      it(`takes effect once (${what} lost)`, async () => {
        const node = await world.takenNode();
        const before = node.version;
        const writing = world.store.transaction().set(node, { state: 'in-use' }).commit();
        world.lose(what);
        await writing;
        assert.equal(world.stateOf(node), 'in-use');
        assert.equal(node.record.state, 'in-use');
        assert.equal(node.version, before + 1);
        assert.equal(world.server.znodes.get(node.path).stat.version, before + 1);
      });

      it(`gives locks back once (${what} lost)`, async () => {
        const node = await world.takenNode();
        const request = await world.takenRequest();
        const writing = world.store
          .transaction()
          .release(node)
          .set(request, { state: 'fulfilled' })
          .release(request)
          .commit();
        world.lose(what);
        await writing;
        assert.equal(world.stateOf(request), 'fulfilled');
        for (const { held } of [node, request]) {
          assert.equal(world.server.znodes.has(held.childPath), false);
        }
      });

      it(`deletes a node once (${what} lost)`, async () => {
        const node = await world.takenNode();
        const writing = world.store.transaction().remove(node).commit();
        world.lose(what);
        await writing;
        assert.equal(world.server.znodes.has(node.path), false);
      });
    }

    it('counts as done where Zuul has deleted the fulfilled request by then', async () => {
      const node = await world.takenNode();
      const request = await world.takenRequest();
      const writing = world.store
        .transaction()
        .release(node)
        .set(request, { state: 'fulfilled' })
        .release(request)
        .commit();
      while (world.client.serveOne());
      world.client.disconnect();
      await world.deleteRequest(request.id);
      world.client.reconnect();
      await writing;
    });

    it('counts as done where somebody else has written since', async () => {
      const node = await world.takenNode();
      const writing = world.store
        .transaction()
        .set(node, { allocated_to: null })
        .release(node)
        .commit();
      while (world.client.serveOne());
      world.client.disconnect();
      await world.other.set(node.path, Buffer.from(JSON.stringify({ state: 'in-use' })));
      world.client.reconnect();
      await writing;
      assert.equal(world.stateOf(node), 'in-use');
    });

    it('does not count as done only because the session has ended, and the locks with it', async () => {
      const node = await world.takenNode();
      const request = await world.takenRequest();
      const writing = world.store
        .transaction()
        .release(node)
        .set(request, { state: 'fulfilled' })
        .release(request)
        .commit();
      world.client.expire();
      world.client.reconnect();
      await assert.rejects(writing);
      assert.equal(request.record.state, 'requested');
    });

    it('gives up after a number of losses in a row', async () => {
      const node = await world.takenNode();
      const writing = world.store.transaction().set(node, { state: 'in-use' }).commit();
      let isOver = false;
      const outcome = assert
        .rejects(writing, (error) => hasLabel(error, 'ambiguous'))
        .finally(() => (isOver = true));
      let losses = 0;
      const multi = world.client.multi.bind(world.client);
      world.client.multi = (ops, options) => {
        const running = multi(ops, options);
        losses++;
        world.lose('request');
        return running;
      };
      world.lose('request');
      await outcome;
      assert.equal(isOver, true);
      assert.equal(losses, 5);
      assert.equal(world.stateOf(node), 'ready');
    });
  });

  it('leaves one truth, whatever is lost on the way', async () => {
    const states = ['ready', 'in-use', 'used', 'hold'] as const;
    const step = fc.record({
      at: fc.nat(1),
      state: fc.constantFrom(...states),
      lost: fc.constantFrom('nothing', 'request', 'answer'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const own = await StoreWorld.start();
        const nodes = [await own.takenNode(), await own.takenNode()];
        const model: NodeRecord['state'][] = ['ready', 'ready'];
        for (const { at, state, lost } of steps) {
          const node = nodes[at];
          if (!node) continue;
          const writing = own.store.transaction().set(node, { state }).commit();
          if (lost === 'request' || lost === 'answer') own.lose(lost);
          await writing;
          model[at] = state;
        }
        for (const [at, node] of nodes.entries()) {
          assert.equal(own.stateOf(node), model[at]);
          assert.equal(node.record.state, model[at]);
          assert.equal(node.version, own.server.znodes.get(node.path).stat.version);
        }
      }),
      { numRuns: 50 },
    );
  });
});
