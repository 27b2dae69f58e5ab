import assert from 'node:assert/strict';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { nodeLockPath, nodePath } from '../../../../shared/store/paths.ts';
import {
  holdNode,
  LEAVING_STATES,
  orderNodeDeletion,
  type NodeOrderOptions,
  type NodeOrderOutcome,
} from '../../../../shared/store/orders/nodes.ts';
import { Lock, type HeldLock } from '../../../../shared/zookeeper/lock.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

describe('orders of operators for nodes', () => {
  let world: StoreWorld;
  let options: NodeOrderOptions;
  let id: string;

  beforeEach(async () => {
    world = await StoreWorld.start();
    const { client, clock } = world;
    options = { client, clock, signal: new AbortController().signal };
    ({ id } = await world.node({ state: 'ready', comment: 'as it was', hostname: 'np1' }));
    world.transactions.length = 0;
    await clock.advance(5000);
  });

  const read = (): NodeRecord => world.read(nodePath(id)) as NodeRecord;
  const contenders = (): readonly string[] =>
    world.server.znodes.children(nodeLockPath(id)).children;
  const lockOfAnother = async (identifier?: string): Promise<HeldLock> => {
    const lock = new Lock(world.other, nodeLockPath(id), identifier ? { identifier } : {});
    const acquired = await lock.tryAcquire();
    assert.ok(acquired);
    return acquired.held;
  };

  it('write state and its time under the lock, and give it back, in one transaction', async () => {
    const before = read();
    const outcome = await holdNode(id, options);
    assert.equal(outcome.kind, 'done');
    const stateTime = world.clock.now() / 1000;
    assert.deepEqual(read(), { ...before, state: 'hold', state_time: stateTime });
    assert.deepEqual(outcome.record, read());
    assert.deepEqual(world.transactions.at(-1), [
      `set nodes/${id}`,
      `delete nodes/${id}/lock/child`,
    ]);
    assert.deepEqual(contenders(), []);
    assert.equal((await orderNodeDeletion(id, options)).kind, 'done');
    assert.deepEqual(read(), { ...before, state: 'deleting', state_time: stateTime });
  });

  it('write a comment where one is given, an empty one, too', async () => {
    await holdNode(id, { ...options, comment: 'disk is full' });
    assert.equal(read().comment, 'disk is full');
    await holdNode(id, { ...options, comment: '' });
    assert.equal(read().comment, '');
  });

  for (const [what, wrong] of [
    ['nobody has', '0000009999'],
    ['that is the path of something else', '../requests'],
    ['that is none', ''],
    ['that ZooKeeper does not take', 'a\u0000b'],
  ] as const)
    it(`tell that there is no node of an id ${what}`, async () => {
      assert.deepEqual(await holdNode(wrong, options), { kind: 'not-found' });
      assert.deepEqual(await orderNodeDeletion(wrong, options), { kind: 'not-found' });
      assert.deepEqual(world.transactions, []);
    });

  it('tell that there is none where the znode is empty, and leave no lock there', async () => {
    await world.other.set(nodePath(id), Buffer.alloc(0));
    assert.deepEqual(await holdNode(id, options), { kind: 'not-found' });
    assert.equal(world.server.znodes.get(nodePath(id)).stat.numChildren, 0);
  });

  it('tell that the record is none, without what stands there', async () => {
    await world.other.set(nodePath(id), Buffer.from('{"state": "secret"}'));
    await assert.rejects(holdNode(id, options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'NP_RECORD_CORRUPT');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });

  it('wait for a lock that becomes free, and act on what its holder left', async () => {
    const held = await lockOfAnother();
    const order = holdNode(id, options);
    await world.clock.advance(4000);
    await world.other.set(
      nodePath(id),
      Buffer.from(JSON.stringify({ ...read(), hostname: 'renamed' })),
    );
    await held.release();
    assert.equal((await order).kind, 'done');
    assert.deepEqual([read().state, read().hostname], ['hold', 'renamed']);
  });

  for (const holder of [undefined, 'NodePool:metastatic:one'])
    it(`give up after 5 s, and say who holds it (${holder ?? 'nobody says'})`, async () => {
      await lockOfAnother(holder);
      let outcome: NodeOrderOutcome | undefined;
      const order = holdNode(id, options).then((answer) => (outcome = answer));
      await world.clock.advance(4999);
      assert.equal(outcome, undefined);
      await world.clock.advance(1);
      await order;
      assert.deepEqual(outcome, { kind: 'held', holder });
      await world.clock.advance(0);
      assert.equal(contenders().length, 1);
      assert.equal(read().state, 'ready');
    });

  it('end the wait when they are not wanted any more', async () => {
    await lockOfAnother();
    const controller = new AbortController();
    const order = holdNode(id, { ...options, signal: controller.signal });
    await world.clock.advance(10);
    controller.abort(new Error('interrupted'));
    await assert.rejects(order, /aborted/);
    await world.clock.advance(0);
    assert.equal(contenders().length, 1);
  });

  it('tell that the node went while its lock was waited for', async () => {
    const held = await lockOfAnother();
    const order = orderNodeDeletion(id, options);
    await world.clock.advance(10);
    await world.other.deleteTree(nodePath(id));
    held.released();
    await world.clock.advance(1000);
    assert.deepEqual(await order, { kind: 'not-found' });
    assert.equal(await world.other.exists(nodePath(id)), undefined);
  });

  it('refuse states that are not wanted, and give the lock back', async () => {
    const refusing = { ...options, refusedStates: LEAVING_STATES };
    await orderNodeDeletion(id, options);
    assert.deepEqual(await holdNode(id, refusing), { kind: 'wrong-state', state: 'deleting' });
    assert.deepEqual(contenders(), []);
    assert.equal((await holdNode(id, options)).kind, 'done');
  });

  it('write anew where somebody wrote without the lock', async () => {
    let isOvertaken = false;
    const multi = world.client.multi.bind(world.client);
    world.client.multi = async (ops, call) => {
      if (!isOvertaken && ops[0]?.op === 'set') {
        isOvertaken = true;
        const data = JSON.stringify({ ...read(), user_data: 'of another' });
        await world.other.set(nodePath(id), Buffer.from(data));
      }
      return multi(ops, call);
    };
    assert.equal((await holdNode(id, options)).kind, 'done');
    assert.deepEqual([read().state, read().user_data], ['hold', 'of another']);
    assert.deepEqual(contenders(), []);
  });

  it('tell that the node was erased under its lock', async () => {
    const multi = world.client.multi.bind(world.client);
    world.client.multi = async (ops, call) => {
      if (ops[0]?.op === 'set') await world.other.deleteTree(nodePath(id));
      return multi(ops, call);
    };
    assert.deepEqual(await holdNode(id, options), { kind: 'not-found' });
  });

  it('know that they are done where the answer was lost', async () => {
    const multi = world.client.multi.bind(world.client);
    world.client.multi = (ops, call) => {
      const answer = multi(ops, call);
      if (ops[0]?.op === 'set') world.lose('answer');
      return answer;
    };
    assert.equal((await holdNode(id, options)).kind, 'done');
    assert.equal(read().state, 'hold');
  });

  it('fail where it was the order that was lost, and leave no lock', async () => {
    const multi = world.client.multi.bind(world.client);
    world.client.multi = (ops, call) => {
      const answer = multi(ops, call);
      if (ops[0]?.op === 'set') world.lose('request');
      return answer;
    };
    await assert.rejects(holdNode(id, options), /connection lost/);
    await world.clock.advance(1000);
    assert.deepEqual(contenders(), []);
    assert.equal(read().state, 'ready');
  });
});
