import assert from 'node:assert/strict';
import type { TreeCache } from '../../../shared/zookeeper/tree-cache.ts';
import {
  never,
  ROOT,
  turn,
  foreign,
  serverWith,
  settle,
  started,
  set,
  create,
} from './tree-cache-world.ts';

describe('a tree cache has caught up', () => {
  /** Whether it has, after everything that can happen without the server has happened. */
  function caughtUp(cache: TreeCache): { isDone: boolean; readonly done: Promise<void> } {
    const state = { isDone: false, done: Promise.resolve() };
    state.done = cache.caughtUp(never).then(() => {
      state.isDone = true;
    });
    return state;
  }

  it('at once when nothing is known to have changed', async () => {
    const { cache } = await started(serverWith('a'));
    await cache.caughtUp(never);
  });

  it('when what others changed before has been read', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    foreign(server, { op: 'set', path: `${ROOT}/a`, data: Buffer.from('new') });
    client.receiveOne();
    const state = caughtUp(cache);
    await turn();
    assert.equal(state.isDone, false);
    await settle(client);
    await state.done;
    assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), 'new');
  });

  it('when what others created during an own creation has been read', async () => {
    const server = serverWith();
    const { client, cache } = await started(server);
    const writing = create(cache, client, 'mine');
    foreign(server, { op: 'create', path: `${ROOT}/theirs`, data: Buffer.from('new') });
    client.receiveOne();
    const state = caughtUp(cache);
    const seen = state.done.then(() => cache.get(`${ROOT}/theirs`)?.data.toString());
    await turn();
    assert.equal(state.isDone, false, 'the write is under way');
    await settle(client);
    await writing;
    assert.equal(await seen, 'new');
  });

  it('when a row of own writes has ended around which others changed the same', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    const writes = [set(cache, client, `${ROOT}/a`, '1')];
    client.serveOne();
    foreign(server, { op: 'set', path: `${ROOT}/a`, data: Buffer.from('theirs') });
    client.receiveOne();
    const state = caughtUp(cache);
    writes.push(set(cache, client, `${ROOT}/a`, '2'));
    while (client.receiveOne());
    await writes[0];
    await turn();
    assert.equal(state.isDone, false, 'the second may hold back what was known before it');
    await settle(client);
    await Promise.all([...writes, state.done]);
    assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), '2');
  });

  it('when the tree has been read again after the connection was lost', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    client.disconnect();
    foreign(server, { op: 'set', path: `${ROOT}/a`, data: Buffer.from('new') });
    const state = caughtUp(cache);
    await turn();
    assert.equal(state.isDone, false);
    client.reconnect();
    await settle(client);
    await state.done;
    assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), 'new');
  });
});
