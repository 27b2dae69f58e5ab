import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { hasCode, hasLabel } from '../../../shared/base/errors.ts';
import { MultiError } from '../../../shared/zookeeper/errors.ts';
import { Lock, type HeldLock } from '../../../shared/zookeeper/lock.ts';
import type { MultiOp } from '../../../shared/zookeeper/types.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A server with an empty `/node`. */
function newServer(): FakeServer {
  const server = new FakeServer();
  server.write([{ op: 'create', path: '/node' }], 0n);
  return server;
}

const childrenOf = (server: FakeServer): string[] => server.znodes.children('/node/lock').children;

const requestsOf = (client: FakeZooKeeper): string[] =>
  [...client.sent].flatMap(([name, count]) => Array.from({ length: count }, () => name)).sort();

describe('a lock', () => {
  it('costs one request where its znode is new', async () => {
    const client = new FakeZooKeeper(newServer());
    assert.ok(await new Lock(client, '/node/lock').tryAcquire());
    assert.deepEqual(requestsOf(client), ['multi']);
  });

  it('costs one request where its znode is known to exist', async () => {
    const server = newServer();
    server.write([{ op: 'create', path: '/node/lock' }], 0n);
    const client = new FakeZooKeeper(server);
    assert.ok(await new Lock(client, '/node/lock').tryAcquire({ assumeParent: true }));
    assert.deepEqual(requestsOf(client), ['multi']);
  });

  it('joins no queue that is not empty', async () => {
    const server = newServer();
    const client = new FakeZooKeeper(server);
    assert.ok(await new Lock(new FakeZooKeeper(server), '/node/lock').tryAcquire());
    for (const assumeParent of [true, false]) {
      assert.equal(await new Lock(client, '/node/lock').tryAcquire({ assumeParent }), undefined);
    }
    assert.equal(childrenOf(server).length, 1);
  });

  it('makes its znode although that was said to exist', async () => {
    const client = new FakeZooKeeper(newServer());
    assert.ok(await new Lock(client, '/node/lock').tryAcquire({ assumeParent: true }));
  });

  it('makes what is above it only if asked to', async () => {
    const client = new FakeZooKeeper(new FakeServer());
    const lock = new Lock(client, '/a/b/lock');
    await assert.rejects(lock.tryAcquire(), (error) => hasCode(error, 'ZK_NO_NODE'));
    assert.equal(await client.exists('/a'), undefined);
    assert.ok(await lock.tryAcquire({ createParents: true }));
  });

  it('carries its identifier and a name that kazoo understands', async () => {
    const server = newServer();
    const client = new FakeZooKeeper(server);
    const options = { identifier: 'host-1', uuid: () => '6f0e6f0e-0000-4000-8000-00000000c1c1' };
    const acquired = await new Lock(client, '/node/lock', options).tryAcquire();
    const path = '/node/lock/6f0e6f0e00004000800000000000c1c1__lock__0000000000';
    assert.equal(acquired?.held.childPath, path);
    assert.equal(server.znodes.get(path).data.toString(), 'host-1');
    assert.equal(server.znodes.get('/node/lock').data.length, 0);
  });

  describe('with operations that must happen together with it', () => {
    const set: MultiOp = { op: 'set', path: '/node', data: Buffer.from('mine'), version: 0 };

    for (const [what, isNew] of [
      ['new', true],
      ['old', false],
    ] as const) {
      it(`does both, or neither, where its znode is ${what}`, async () => {
        const server = newServer();
        if (!isNew) server.write([{ op: 'create', path: '/node/lock' }], 0n);
        const client = new FakeZooKeeper(server);
        const lock = new Lock(client, '/node/lock');
        const acquired = await lock.tryAcquire({ also: [set] });
        assert.equal(acquired?.results.length, 1);
        await acquired.held.release();
        await assert.rejects(
          lock.tryAcquire({ also: [{ op: 'check', path: '/node' }, set] }),
          (error) => error instanceof MultiError && error.failedIndex === 1,
        );
        await turn();
        await turn();
        assert.deepEqual(childrenOf(server), []);
      });
    }

    it('does neither where somebody else holds it', async () => {
      const server = newServer();
      await new Lock(new FakeZooKeeper(server), '/node/lock').tryAcquire();
      const client = new FakeZooKeeper(server);
      assert.equal(await new Lock(client, '/node/lock').tryAcquire({ also: [set] }), undefined);
      assert.equal(server.znodes.get('/node').stat.version, 0);
      await turn();
      assert.equal(childrenOf(server).length, 1);
    });

    it('is given up where the reply is lost, and says that the outcome is not known', async () => {
      const server = newServer();
      const client = new FakeZooKeeper(server, { isAutomatic: false });
      const trying = new Lock(client, '/node/lock').tryAcquire({ also: [set] });
      client.serveOne();
      client.disconnect();
      await assert.rejects(trying, (error) => hasLabel(error, 'ambiguous'));
      client.reconnect();
      for (let step = 0; step < 5; step++) {
        client.serveOne();
        client.receiveOne();
        await turn();
      }
      assert.deepEqual(childrenOf(server), []);
    });
  });

  it('is lost with its session, and its fence closes', async () => {
    const client = new FakeZooKeeper(newServer());
    const acquired = await new Lock(client, '/node/lock').tryAcquire();
    assert.ok(acquired);
    client.expire();
    assert.ok(hasCode(acquired.held.signal.reason, 'ZK_LOCK_LOST'));
    client.reconnect();
    await assert.rejects(client.multi([acquired.held.check()]), MultiError);
  });

  it('outlives the session where its child is persistent', async () => {
    const server = newServer();
    const client = new FakeZooKeeper(server);
    const acquired = await new Lock(client, '/node/lock', { isEphemeral: false }).tryAcquire();
    client.expire();
    assert.equal(acquired?.held.signal.aborted, false);
    assert.equal(childrenOf(server).length, 1);
  });

  it('is not lost any more once it was given back', async () => {
    const client = new FakeZooKeeper(newServer());
    const acquired = await new Lock(client, '/node/lock').tryAcquire();
    assert.ok(acquired);
    await client.multi([acquired.held.releaseOp()]);
    acquired.held.released();
    client.expire();
    assert.equal(acquired.held.signal.aborted, false);
    await acquired.held.release();
  });

  it('is given back at the latest with the end of the session', async () => {
    const client = new FakeZooKeeper(newServer());
    const acquired = await new Lock(client, '/node/lock').tryAcquire();
    client.disconnect();
    const released = acquired?.held.release();
    client.expire();
    await released;
  });

  it('leaves the queue when the wait is broken off', async () => {
    const server = newServer();
    await new Lock(new FakeZooKeeper(server), '/node/lock').tryAcquire();
    const stop = new AbortController();
    const waiting = new Lock(new FakeZooKeeper(server), '/node/lock').acquire({
      signal: stop.signal,
    });
    while (childrenOf(server).length < 2) await turn();
    stop.abort();
    await assert.rejects(
      waiting,
      (error) => hasCode(error, 'ZK_CLOSED') || hasCode(error, 'NP_ABORTED'),
    );
    while (childrenOf(server).length > 1) await turn();
  });

  it('wakes one waiter for each release, and leaves no watch behind', async () => {
    const server = newServer();
    const clients = [0, 1, 2].map(() => new FakeZooKeeper(server));
    const order: number[] = [];
    const waiting = clients.map(async (client, number) => {
      const held = await new Lock(client, '/node/lock').acquire({ signal: never });
      order.push(number);
      await held.release();
    });
    await Promise.all(waiting);
    assert.deepEqual(order, [0, 1, 2]);
    // Once for the place in the queue, once after the predecessor has gone.
    assert.ok((clients[2]?.sent.get('children') ?? 0) <= 3);
  });

  it('has one holder at most, and no child left over, whatever is lost on the way', async () => {
    const action = fc.record({
      client: fc.nat(2),
      kind: fc.constantFrom('try', 'release', 'serve', 'serve', 'receive', 'cut', 'back', 'expire'),
      count: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
        const server = newServer();
        const clients = [0, 1, 2].map(() => new FakeZooKeeper(server, { isAutomatic: false }));
        const clock = new ManualClock();
        const held = new Set<HeldLock>();
        const tries: Promise<void>[] = [];
        const startTry = async (client: FakeZooKeeper): Promise<void> => {
          const lock = new Lock(client, '/node/lock', { clock });
          const acquired = await lock.tryAcquire().catch(() => undefined);
          if (acquired) held.add(acquired.held);
        };
        const check = (): void => {
          const holders = [...held].filter((one) => !one.signal.aborted);
          assert.ok(holders.length <= 1, 'two hold the lock');
          for (const one of holders) assert.ok(server.znodes.has(one.childPath), 'no child');
        };
        for (const { client: number, kind, count } of actions) {
          const client = clients[number];
          if (client === undefined) continue;
          if (kind === 'try') tries.push(startTry(client));
          else if (kind === 'cut') client.disconnect();
          else if (kind === 'back') client.reconnect();
          else if (kind === 'expire') client.expire();
          else if (kind === 'release')
            for (const one of [...held].slice(0, 1)) {
              held.delete(one);
              void one.release();
            }
          else
            for (let step = 0; step < count; step++)
              if (kind === 'serve') client.serveOne();
              else client.receiveOne();
          await turn();
          check();
        }
        const settle = async (): Promise<void> => {
          for (const client of clients) client.reconnect();
          do {
            for (const client of clients)
              while (client.serveOne() || client.receiveOne()) await turn();
            await clock.advance(5_000);
          } while (clients.some((client) => client.pending > 0));
        };
        await settle();
        await Promise.all(tries);
        check();
        for (const one of held) void one.release();
        await settle();
        if (server.znodes.has('/node/lock')) assert.deepEqual(childrenOf(server), []);
      }),
      { numRuns: 200 },
    );
  });
});
