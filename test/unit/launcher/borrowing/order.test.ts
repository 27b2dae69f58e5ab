import assert from 'node:assert/strict';
import { settle } from '../../../../fixtures/clock.ts';
import { NodeBorrowing } from '../../../../launcher/borrowing/borrowing.ts';
import type { Context } from '../../../../launcher/context.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { noMetrics } from '../../../../shared/telemetry/metrics.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const OWNER = 'NodePool:metastatic:meta';
const WISH = { label: 'host', data: { label: 'slot', slots: 2, failed: false, launched: 1 } };

const never = (): AbortSignal => new AbortController().signal;

describe('borrowing a node', () => {
  let world: StoreWorld;
  let borrowing: NodeBorrowing;

  beforeEach(async () => {
    world = await StoreWorld.start();
    const context: Context = {
      ...{ store: world.store, clock: world.clock, random: () => 0.5 },
      ...{ log: silentLogger, metrics: noMetrics },
      supervise: (_, work) => {
        work.catch(() => undefined);
      },
    };
    borrowing = new NodeBorrowing({
      context,
      provider: { name: 'meta', driver: 'metastatic' },
      registered: () => [],
    });
  });

  /** The only request there is, and its record as ZooKeeper has it. */
  async function request(): Promise<{ id: string; record: RequestRecord }> {
    await settle();
    const [stored] = world.store.requests.cache.values();
    assert.ok(stored);
    return { id: stored.id, record: world.read(stored.path) as RequestRecord };
  }

  async function answer(id: string, fields: Partial<RequestRecord>): Promise<void> {
    const path = `/nodepool/requests/${id}`;
    const record = { ...(world.read(path) as RequestRecord), ...fields };
    await world.other.set(path, Buffer.from(JSON.stringify(record)));
    await settle();
  }

  async function fulfil(): Promise<string> {
    const { id } = await request();
    const node = await world.node({ state: 'ready', allocated_to: id, provider: 'cloud' });
    await answer(id, { state: 'fulfilled', nodes: [node.id] });
    return node.id;
  }

  it('asks as the original does', async () => {
    const order = borrowing.borrow(WISH, never());
    const { id, record } = await request();
    assert.match(id, /^100-\d{10}$/);
    assert.equal(record.requestor, OWNER);
    assert.deepEqual(record.node_types, ['host']);
    assert.equal(record.reuse, true);
    await fulfil();
    await order.node;
  });

  it('locks it for good, says whose it is, and deletes the request, in one step', async () => {
    const order = borrowing.borrow(WISH, never());
    const id = await fulfil();
    assert.equal(await order.node, id);
    const node = world.store.nodes.get(id)?.record;
    assert.equal(node?.state, 'in-use');
    assert.deepEqual(JSON.parse(node.user_data as string), { owner: OWNER, ...WISH.data });
    assert.equal(world.store.requests.cache.size, 0);
    const [ops] = world.transactions.slice(-1);
    assert.equal(
      ops?.some((op) => op.includes('requests')),
      true,
      String(ops),
    );
    assert.deepEqual(borrowing.get(id)?.data, WISH.data);
    world.client.expire();
    await settle();
    world.client.reconnect();
    await settle();
    assert.equal(world.store.nodes.isLocked(id), true, 'the lock outlives the session');
  });

  it('waits for somebody who has the lock at the moment', async () => {
    const order = borrowing.borrow(WISH, never());
    const { id } = await request();
    const node = await world.node({ state: 'ready', allocated_to: id });
    const lock = new Lock(world.other, `${node.path}/lock`);
    const held = await lock.tryAcquire();
    await answer(id, { state: 'fulfilled', nodes: [node.id] });
    assert.equal(borrowing.get(node.id), undefined);
    await held?.held.release();
    assert.equal(await order.node, node.id);
  });

  it('gives up after 30 seconds, and the node is left to others', async () => {
    const order = borrowing.borrow(WISH, never());
    const { id } = await request();
    const node = await world.node({ state: 'ready', allocated_to: id });
    await new Lock(world.other, `${node.path}/lock`).tryAcquire();
    await answer(id, { state: 'fulfilled', nodes: [node.id] });
    const failed = assert.rejects(order.node, (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
    await world.clock.advance(30_000);
    await failed;
    await settle();
    assert.equal(world.store.requests.cache.size, 0);
  });

  it('fails when nobody can serve it', async () => {
    const order = borrowing.borrow(WISH, never());
    const failed = assert.rejects(order.node, (error) => hasCode(error, 'NP_CLOUD_CAPACITY'));
    const { id } = await request();
    await answer(id, { state: 'failed' });
    await failed;
    await settle();
    assert.equal(world.store.requests.cache.size, 0);
  });

  it('can be taken back while nobody serves it', async () => {
    const order = borrowing.borrow(WISH, never());
    const failed = assert.rejects(order.node, (error) => hasCode(error, 'NP_ABORTED'));
    await request();
    order.takeBack();
    await failed;
    assert.equal(world.store.requests.cache.size, 0);
  });

  it('goes on if it is taken back too late, so that no node is left lying about', async () => {
    const order = borrowing.borrow(WISH, never());
    const { id } = await request();
    await answer(id, { state: 'pending' });
    order.takeBack();
    const node = await fulfil();
    assert.equal(await order.node, node);
  });

  it('is over at once when its signal aborts', async () => {
    const controller = new AbortController();
    const order = borrowing.borrow(WISH, controller.signal);
    const failed = assert.rejects(order.node, (error) => hasCode(error, 'NP_ABORTED'));
    await request();
    controller.abort(new Error('stop'));
    await failed;
    await settle();
    assert.equal(world.store.requests.cache.size, 0);
  });

  it('makes each step with a node only once for one revision', async () => {
    const order = borrowing.borrow(WISH, never());
    const id = await fulfil();
    await order.node;
    const seen = borrowing.get(id);
    assert.ok(seen);
    await borrowing.update(seen, { ...seen.data, failed: true });
    await assert.rejects(borrowing.giveBack(seen), (error) => hasCode(error, 'NP_NODE_CHANGED'));
    const now = borrowing.get(id);
    assert.ok(now);
    assert.equal(now.data.failed, true);
    await borrowing.giveBack(now);
    assert.equal(world.store.nodes.get(id)?.record.state, 'used');
    await settle();
    assert.equal(world.store.nodes.isLocked(id), false);
  });

  it('does not believe user_data alone', async () => {
    const node = await world.node({
      state: 'in-use',
      user_data: JSON.stringify({ owner: OWNER, label: 'slot', slots: 2 }),
    });
    const path = `${node.path}/lock`;
    const lock = new Lock(world.other, path, { identifier: 'somebody', isEphemeral: false });
    await lock.tryAcquire();
    await borrowing.settled(never());
    await settle();
    assert.equal(borrowing.get(node.id), undefined);
  });
});
