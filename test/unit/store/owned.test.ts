import assert from 'node:assert/strict';

import { StoreWorld } from '../../support/fake-store.ts';

describe('taking a record', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  it('locks it and changes it in one step', async () => {
    const stored = await world.request();
    const owned = await world.store.requests.take(stored, { state: 'pending' });
    assert.equal(owned?.record.state, 'pending');
    assert.equal(owned.version, 1);
    assert.equal(world.stateOf(owned), 'pending');
    assert.equal(world.server.znodes.has(owned.held.childPath), true);
    assert.equal(world.store.requests.get(stored.id)?.record.state, 'pending');
  });

  it('is refused while somebody else has the lock, and changes nothing', async () => {
    const stored = await world.node();
    await world.other.create(`${stored.path}/lock`);
    await world.other.create(`${stored.path}/lock/zuul__lock__0000000000`);
    assert.equal(await world.store.nodes.take(stored, { state: 'deleting' }), undefined);
    assert.equal(world.stateOf(stored), 'ready');
    const { children } = world.server.znodes.children(`${stored.path}/lock`);
    assert.deepEqual(children, ['zuul__lock__0000000000']);
  });

  it('is refused where the record is not the one that was decided on', async () => {
    const stored = await world.node();
    await world.other.set(stored.path, Buffer.from(JSON.stringify({ state: 'hold' })));
    assert.equal(await world.store.nodes.take(stored, { state: 'deleting' }), undefined);
    assert.equal(world.stateOf(stored), 'hold');
  });

  it('is refused where the record is gone, and does not bring it back', async () => {
    const stored = await world.node();
    await world.other.deleteTree(stored.path);
    assert.equal(await world.store.nodes.take(stored, { state: 'deleting' }), undefined);
    assert.equal(world.server.znodes.has(stored.path), false);
  });

  it('is refused a second time', async () => {
    const stored = await world.request();
    const [first, second] = await Promise.all([
      world.store.requests.take(stored, { state: 'pending' }),
      world.store.requests.take(stored, { state: 'pending' }),
    ]);
    assert.equal([first, second].filter((owned) => owned !== undefined).length, 1);
  });

  it('gives the lock back without a write', async () => {
    const owned = await world.takenNode();
    const { version } = world.server.znodes.get(owned.path).stat;
    await owned.release();
    assert.equal(world.server.znodes.has(owned.held.childPath), false);
    assert.equal(world.server.znodes.get(owned.path).stat.version, version);
  });

  it('tells when the lock is lost with its session', async () => {
    const owned = await world.takenNode();
    assert.equal(owned.signal.aborted, false);
    world.client.expire();
    assert.equal(owned.signal.aborted, true);
  });
});

describe('removing a node', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  it('leaves nothing', async () => {
    const owned = await world.takenNode();
    await world.store.nodes.remove(owned, 5);
    assert.equal(world.server.znodes.has(owned.path), false);
  });

  it('tells those who wait for its lock that it is deleted, then leaves nothing', async () => {
    const owned = await world.takenNode();
    await world.other.create(`${owned.held.path}/zuul__lock__0000000009`);
    const seen: string[] = [];
    await world.other.addWatch(owned.path, 'persistentRecursive', ({ type, path }) => {
      if (path === owned.path && type === 'dataChanged') seen.push(world.stateOf(owned));
    });
    await world.store.nodes.remove(owned, 5);
    assert.deepEqual(seen, ['deleted']);
    assert.equal(world.server.znodes.has(owned.path), false);
    assert.equal(world.store.nodes.get(owned.id), undefined);
  });
});

describe('removing what holds nothing', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  it('removes an empty znode, with an empty lock below it', async () => {
    const path = '/nodepool/nodes/0000000077';
    await world.other.create(path);
    await world.other.create(`${path}/lock`);
    assert.equal(await world.store.nodes.removeEmpty('0000000077'), true);
    assert.equal(world.server.znodes.has(path), false);
  });

  it('leaves a node, and an empty znode whose lock is wanted', async () => {
    const stored = await world.node();
    assert.equal(await world.store.nodes.removeEmpty(stored.id), false);
    await world.other.create('/nodepool/nodes/0000000077');
    await world.other.create('/nodepool/nodes/0000000077/lock');
    await world.other.create('/nodepool/nodes/0000000077/lock/zuul__lock__0000000000');
    assert.equal(await world.store.nodes.removeEmpty('0000000077'), false);
    assert.equal(await world.store.nodes.removeEmpty('0000000078'), false);
    assert.equal(world.server.znodes.has('/nodepool/nodes/0000000077'), true);
    assert.equal(world.server.znodes.has(stored.path), true);
  });
});
