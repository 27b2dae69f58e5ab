import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { TreeCache, type TreeChange } from '../../../shared/zookeeper/tree-cache.ts';
import {
  never,
  ROOT,
  turn,
  cacheOf,
  foreign,
  serverWith,
  removeTree,
  expected,
  content,
  sorted,
  follow,
  settle,
  started,
  set,
  create,
  remove,
} from './tree-cache-world.ts';

describe('a tree cache', () => {
  describe('with own writes', () => {
    it('reads nothing back', async () => {
      const server = serverWith('a');
      const { client, cache } = await started(server);
      const writes = [
        set(cache, client, `${ROOT}/a`, '1'),
        create(cache, client, 'x'),
        create(cache, client, 'y'),
        set(cache, client, `${ROOT}/a`, '2'),
        remove(cache, client, `${ROOT}/a`),
      ];
      await settle(client);
      await Promise.all(writes);
      assert.equal(client.sent.get('get'), undefined);
      assert.deepEqual(sorted(content(cache)), sorted(expected(server)));
    });

    it('reads once where somebody else writes the same at the same time', async () => {
      const server = serverWith('a');
      const { client, cache } = await started(server);
      const writing = set(cache, client, `${ROOT}/a`, 'mine');
      client.serveOne();
      foreign(server, { op: 'set', path: `${ROOT}/a`, data: Buffer.from('theirs') });
      await settle(client);
      await writing;
      assert.equal(client.sent.get('get'), 1);
      assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), 'theirs');
    });

    it('reads what others created meanwhile, once each', async () => {
      const server = serverWith();
      const { client, cache } = await started(server);
      const writing = create(cache, client, 'mine');
      foreign(server, { op: 'create', path: `${ROOT}/theirs`, data: Buffer.from('x') });
      await settle(client);
      await writing;
      assert.equal(client.sent.get('get'), 1);
      assert.deepEqual(sorted(content(cache)), sorted(expected(server)));
    });

    it('does not wait for own creations that began after another was seen', async () => {
      const server = serverWith();
      const { client, cache } = await started(server);
      const writes = [create(cache, client, '1')];
      foreign(server, { op: 'create', path: `${ROOT}/theirs`, data: Buffer.from('x') });
      client.receiveOne();
      writes.push(create(cache, client, '2'));
      client.serveOne();
      while (client.receiveOne());
      await turn();
      await turn();
      assert.equal(client.sent.get('get'), 1, 'the second is still under way');
      await settle(client);
      await Promise.all(writes);
    });

    it('does not bring back what was deleted right after it was written', async () => {
      const server = serverWith();
      const { client, cache } = await started(server);
      const told: TreeChange[] = [];
      cache.onChange((change) => told.push(change));
      const writing = create(cache, client, 'x');
      client.serveOne();
      for (const path of expected(server).keys()) if (path !== ROOT) removeTree(server, path);
      await settle(client);
      await writing;
      assert.deepEqual(cache.children(ROOT), []);
      assert.deepEqual(told, []);
    });

    it('reads again where the outcome is not known', async () => {
      const server = serverWith('a');
      const { client, cache } = await started(server);
      const writing = set(cache, client, `${ROOT}/a`, 'mine');
      client.serveOne();
      client.disconnect();
      await assert.rejects(writing);
      client.reconnect();
      await settle(client);
      assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), 'mine');
    });

    it('believes events more than a read that found nothing before them', async () => {
      const server = serverWith();
      const { client, cache } = await started(server);
      const path = `${ROOT}/a`;
      const lost = set(cache, client, path, 'lost');
      client.disconnect();
      client.reconnect();
      await assert.rejects(lost);
      // The new load, and the read of what may have been written.
      while (client.serveOne());
      const writing = set(cache, client, path, 'mine');
      foreign(server, { op: 'create', path }, { op: 'create', path: `${path}/lock` });
      await settle(client);
      await writing;
      assert.deepEqual(sorted(content(cache)), sorted(expected(server)));
    });

    it('passes errors of the write on', async () => {
      const { client, cache } = await started(serverWith());
      const writing = set(cache, client, `${ROOT}/missing`, 'x');
      await Promise.all([assert.rejects(writing), settle(client)]);
      assert.equal(client.sent.get('get'), undefined);
    });
  });

  it('reads a znode once however often it changes meanwhile, and once more', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    for (let version = 0; version < 10; version++)
      foreign(server, { op: 'set', path: `${ROOT}/a`, data: Buffer.from(`${version}`) });
    await settle(client);
    assert.ok((client.sent.get('get') ?? 0) <= 2);
    assert.equal(cache.get(`${ROOT}/a`)?.data.toString(), '9');
  });

  it('looks below a node only where something else than its lock may be', async () => {
    const server = serverWith('a', 'b', 'c');
    foreign(server, { op: 'create', path: `${ROOT}/b/lock` });
    foreign(server, { op: 'create', path: `${ROOT}/c/other` });
    const client = new FakeZooKeeper(server);
    const cache = cacheOf(client);
    await cache.start(never);
    assert.deepEqual(sorted(content(cache)), sorted(expected(server)));
    // The root; the lock of b; what was thought to be the lock of c, c itself, and what it has.
    assert.equal(client.sent.get('children'), 5);
    assert.equal(client.sent.get('get'), 3);
  });

  it('tells of no more in a turn of the event loop than one request reads', async () => {
    const server = serverWith(...Array.from({ length: 100 }, (_, index) => `n${index}`));
    const client = new FakeZooKeeper(server, { isAutomatic: false });
    const cache = cacheOf(client);
    let told = 0;
    cache.onChange(() => told++);
    const loaded = cache.start(never);
    const perTurn: number[] = [];
    while (!cache.isCurrent) {
      while (client.serveOne() || client.receiveOne());
      const before = told;
      await turn();
      perTurn.push(told - before);
    }
    await loaded;
    assert.equal(told, 101);
    assert.ok(Math.max(...perTurn) <= 24, perTurn.join());
  });

  it('begins no more reads at once than may be under way', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `n${index}`);
    const client = new FakeZooKeeper(serverWith(...names), { isAutomatic: false });
    const classified = new Set<string>();
    const cache = new TreeCache({
      client,
      root: ROOT,
      classify: (path) => {
        classified.add(path);
        return 'data';
      },
      log: silentLogger,
      clock: new ManualClock(),
    });
    const loaded = cache.start(never);
    // The watch, the list of names, and nothing of what that leads to.
    for (let turns = 0; classified.size === 0; turns++) {
      assert.ok(turns < 10);
      while (client.serveOne() || client.receiveOne());
      await turn();
    }
    assert.equal(classified.size, 500);
    await settle(client);
    await loaded;
    assert.equal(content(cache).size, 701);
  });

  it('goes on when a listener throws', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    cache.onChange(() => {
      throw new Error('on purpose');
    });
    const told = follow(cache);
    foreign(server, { op: 'create', path: `${ROOT}/b` }, { op: 'create', path: `${ROOT}/c` });
    await settle(client);
    assert.deepEqual([...told.keys()], [`${ROOT}/b`, `${ROOT}/c`]);
  });

  it('takes its watch back and hears nothing more once it was stopped', async () => {
    const server = serverWith('a');
    const { client, cache } = await started(server);
    const stopped = cache.stop();
    await settle(client);
    await stopped;
    assert.equal(client.sent.get('removeWatches'), 1);
    foreign(server, { op: 'create', path: `${ROOT}/b` });
    await settle(client);
    assert.ok(!cache.isCurrent && !cache.has(`${ROOT}/b`));
  });

  it('ends in the state of the server, whatever happens in whatever order', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'skipped');
    const kind = fc.constantFrom(
      ...['create', 'set', 'remove', 'recreate', 'lock', 'unlock', 'other'],
      ...['own set', 'own set', 'own create', 'own create', 'own remove', 'own recreate'],
      ...[
        'serve',
        'serve',
        'receive',
        'receive',
        'serve',
        'receive',
        'cut',
        'back',
        'back',
        'expire',
      ],
    );
    const step = fc.record({
      kind,
      name,
      count: fc.integer({ min: 1, max: 6 }),
      pause: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
        const server = serverWith('a', 'b');
        const client = new FakeZooKeeper(server, { isAutomatic: false });
        const clock = new ManualClock();
        const cache = cacheOf(client, clock);
        const told = follow(cache);
        const writes: Promise<unknown>[] = [cache.start(new AbortController().signal)];
        let texts = 0;
        for (const { kind: what, name: which, count, pause } of steps) {
          const path = `${ROOT}/${which}`;
          const data = Buffer.from(`${texts++}`);
          if (what === 'create') foreign(server, { op: 'create', path, data });
          else if (what === 'set') foreign(server, { op: 'set', path, data });
          else if (what === 'remove') removeTree(server, path);
          else if (what === 'recreate') {
            removeTree(server, path);
            foreign(server, { op: 'create', path, data });
          } else if (what === 'lock')
            foreign(
              server,
              { op: 'create', path: `${path}/lock` },
              { op: 'create', path: `${path}/lock/c__lock__`, mode: 'ephemeralSequential' },
            );
          else if (what === 'unlock') removeTree(server, `${path}/lock`);
          else if (what === 'other') foreign(server, { op: 'create', path: `${path}/other` });
          else if (what === 'own set') writes.push(set(cache, client, path, data.toString()));
          else if (what === 'own create') writes.push(create(cache, client, data.toString()));
          else if (what === 'own remove') writes.push(remove(cache, client, path));
          else if (what === 'own recreate')
            writes.push(
              cache.write(
                { paths: [path] },
                () =>
                  client.multi([
                    { op: 'delete', path },
                    { op: 'create', path, data },
                  ]),
                ([, created]) =>
                  created?.op === 'create'
                    ? [
                        { path, isDeleted: true },
                        { path, data, stat: created.stat },
                      ]
                    : [],
              ),
            );
          else if (what === 'cut') client.disconnect();
          else if (what === 'back') client.reconnect();
          else if (what === 'expire') client.expire();
          else
            for (let done = 0; done < count; done++)
              if (what === 'serve') client.serveOne();
              else client.receiveOne();
          for (const write of writes) write.catch(() => undefined);
          if (pause) await turn();
        }
        client.reconnect();
        await settle(client);
        // A watch that could not be set because the session ended is tried again after a while.
        await clock.advance(5_000);
        await settle(client);
        await Promise.allSettled(writes);
        await settle(client);
        assert.ok(cache.isCurrent, 'not current');
        assert.deepEqual(sorted(content(cache)), sorted(expected(server)));
        assert.deepEqual(sorted(told), sorted(content(cache)));
      }),
      { numRuns: 1_500 },
    );
  });
});
