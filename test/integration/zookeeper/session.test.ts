/** Sessions over connections that break, servers that lie, and time that runs out. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { startCuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import type { CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { portOf } from '../../../fixtures/processes/ports.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { isAmbiguous, isSessionExpired } from '../../../shared/zookeeper/errors.ts';
import type { SessionHandle, SessionState } from '../../../shared/zookeeper/types.ts';
import { eventually } from '../../support/eventually.ts';
import { connect, uniqueChroot } from '../../support/zookeeper.ts';
import { zookeeper } from '../../support/zookeeper.ts';

const SESSION_MS = 1_200;
const SET_DATA = 5;
const GET_DATA = 4;

describe('a session', () => {
  const chroot = uniqueChroot('session');
  let proxy: CuttingProxy;
  let observer: ZooKeeperClient;
  const open: ZooKeeperClient[] = [];

  before(async () => {
    const { plainHosts } = await zookeeper();
    proxy = await startCuttingProxy(plainHosts);
    observer = await connect(chroot);
  });

  afterEach(async () => {
    proxy.refuse(false);
    proxy.resume();
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  after(async () => {
    await observer.close();
    await proxy.close();
  });

  /** A client behind the proxy. */
  async function start(
    options: { timeoutMs?: number; clock?: Clock } = {},
  ): Promise<ZooKeeperClient> {
    const client = new ZooKeeperClient({
      connectString: `127.0.0.1:${proxy.port}${chroot}`,
      sessionTimeoutMs: options.timeoutMs ?? 10_000,
      clock: options.clock,
    });
    open.push(client);
    await client.start(AbortSignal.timeout(20_000));
    return client;
  }

  const handleOf = (client: ZooKeeperClient): SessionHandle =>
    client.session ?? assert.fail('there is no session');
  const untilState = (client: ZooKeeperClient, state: SessionState): Promise<void> =>
    eventually(() => {
      assert.equal(client.state, state);
    });

  it('outlives its connections with its ephemeral znodes', async () => {
    const client = await start();
    const { id, signal } = handleOf(client);
    await client.create('/stays', undefined, { mode: 'ephemeral' });
    const states: SessionState[] = [];
    client.onState((state) => states.push(state));
    for (let cut = 1; cut <= 3; cut++) {
      proxy.cut();
      await eventually(() => states.length === 2 * cut);
    }
    assert.equal(handleOf(client).id, id);
    assert.equal(signal.aborted, false);
    assert.equal((await observer.exists('/stays'))?.ephemeralOwner, id);
    assert.deepEqual(new Set(states), new Set(['suspended', 'connected']));
  });

  it('sets its watches again before anything else is asked, in portions', async () => {
    const client = await start();
    await observer.ensurePath('/again');
    const heard: string[] = [];
    await client.addWatch('/again', 'persistentRecursive', (event) => heard.push(event.path));
    const long = 'x'.repeat(150);
    await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        client.addWatch(`/again/${long}${i}`, 'persistent', (event) => heard.push(event.type)),
      ),
    );
    proxy.cut();
    await untilState(client, 'suspended').catch(() => undefined);
    await untilState(client, 'connected');
    await client.get('/again');
    await observer.create(`/again/${long}999`);
    await observer.create('/again/short');
    await eventually(() => heard.length >= 3);
    assert.deepEqual(heard, ['created', `/again/${long}999`, '/again/short']);
  });

  it('sends a read again whose reply was lost, and calls a write ambiguous', async () => {
    const client = await start();
    await client.create('/lost', Buffer.from('0'));
    const reads = proxy.swallowReply((op) => op === GET_DATA);
    const read = client.get('/lost');
    await reads;
    assert.equal((await read).data.toString(), '0');
    const writes = proxy.swallowReply((op) => op === SET_DATA);
    const write = client.set('/lost', Buffer.from('1'));
    await writes;
    await assert.rejects(
      write,
      (error) => hasCode(error, 'ZK_CONNECTION_LOSS') && isAmbiguous(error),
    );
    assert.equal((await observer.get('/lost')).data.toString(), '1');
  });

  it('sends what waits in order as soon as it can', async () => {
    const client = await start();
    await client.create('/order');
    proxy.refuse(true);
    proxy.cut();
    await untilState(client, 'suspended');
    const calls = [0, 1, 2].map((i) => client.set('/order', Buffer.from(`${i}`), i));
    proxy.refuse(false);
    const stats = await Promise.all(calls);
    assert.deepEqual(
      stats.map((stat) => stat.version),
      [1, 2, 3],
    );
  });

  it('ends a waiting call at its deadline, or when it is aborted', async () => {
    const client = await start();
    proxy.refuse(true);
    proxy.cut();
    await untilState(client, 'suspended');
    const controller = new AbortController();
    const aborted = client.set('/x', Buffer.alloc(0), -1, { signal: controller.signal });
    const late = client.set('/x', Buffer.alloc(0), -1, { timeoutMs: 50 });
    controller.abort();
    await assert.rejects(aborted, (error) => hasCode(error, 'NP_ABORTED'));
    await assert.rejects(
      late,
      (error) => hasCode(error, 'ZK_OPERATION_TIMEOUT') && !isAmbiguous(error),
    );
  });

  it('is over by our own clock when no server was reached for its whole timeout', async () => {
    const client = await start({ timeoutMs: SESSION_MS });
    const first = handleOf(client);
    await client.ensurePath('/overdue');
    const heard: string[] = [];
    await client.addWatch('/overdue', 'persistentRecursive', (event) => heard.push(event.path));
    const states: SessionState[] = [];
    client.onState((state) => states.push(state));
    proxy.refuse(true);
    proxy.cut();
    await untilState(client, 'suspended');
    const waiting = client.create('/overdue/never');
    await assert.rejects(waiting, (error) => isSessionExpired(error) && !isAmbiguous(error));
    assert.ok(isSessionExpired(first.signal.reason));
    assert.equal(client.session, undefined);
    proxy.refuse(false);
    await untilState(client, 'connected');
    assert.deepEqual(states, ['suspended', 'expired', 'connecting', 'connected']);
    assert.notEqual(handleOf(client).id, first.id);
    await observer.create('/overdue/seen');
    await eventually(() => {
      assert.deepEqual(heard, ['/overdue/seen']);
    });
  });

  it('is over when the server says so, and a new one begins with all watches', async () => {
    // A clock ten times too slow never pings in time, and never notices by itself.
    const slow: Clock = {
      now: () => systemClock.now(),
      monotonic: () => systemClock.monotonic() / 10,
      after: (ms, fn) => systemClock.after(ms < SESSION_MS / 3 ? ms : ms * 10, fn),
    };
    const client = await start({ timeoutMs: SESSION_MS, clock: slow });
    const first = handleOf(client);
    await client.ensurePath('/refused');
    const heard: string[] = [];
    await client.addWatch('/refused', 'persistent', (event) => heard.push(event.type));
    await client.create('/refused/mine', undefined, { mode: 'ephemeral' });
    await eventually(() => first.signal.aborted);
    assert.match(String(first.signal.reason), /the server ended the session/);
    await untilState(client, 'connected');
    assert.notEqual(handleOf(client).id, first.id);
    assert.equal(await observer.exists('/refused/mine'), undefined);
    heard.length = 0;
    await observer.set('/refused', Buffer.from('x'));
    await eventually(() => {
      assert.deepEqual(heard, ['dataChanged']);
    });
  });

  it('leaves a server that no longer answers, and comes back to it with the same session', async () => {
    const client = await start({ timeoutMs: 3_000 });
    const { id } = handleOf(client);
    proxy.pause();
    await untilState(client, 'suspended');
    proxy.resume();
    await untilState(client, 'connected');
    assert.equal(handleOf(client).id, id);
  });

  it('tells watches for once of the end of their connection', async () => {
    const client = await start();
    await client.create('/once');
    const heard: unknown[] = [];
    await client.get('/once', { watchOnce: (event) => heard.push(event) });
    proxy.cut();
    await eventually(() => {
      assert.deepEqual(heard, [undefined]);
    });
  });

  it('keeps its session with an authentication at each connection', async () => {
    const client = await start();
    await client.addAuth('digest', 'me:secret');
    await client.create('/mine', undefined, { acl: [{ perms: 31, scheme: 'auth', id: '' }] });
    proxy.cut();
    await untilState(client, 'suspended').catch(() => undefined);
    await client.get('/mine');
  });

  it('moves to other servers that it was told of', async () => {
    const second = await startCuttingProxy((await zookeeper()).plainHosts);
    try {
      const client = await start();
      const { id } = handleOf(client);
      client.setHosts(`127.0.0.1:${second.port}${chroot}`);
      assert.throws(() => {
        client.setHosts('127.0.0.1:1/other');
      });
      proxy.refuse(true);
      proxy.cut();
      await eventually(() => second.connections === 1 && client.state === 'connected');
      assert.equal(handleOf(client).id, id);
      await client.close();
    } finally {
      await second.close();
    }
  });

  it('refuses calls beyond its limit at once', async () => {
    const client = new ZooKeeperClient({ connectString: '127.0.0.1:1', maxPending: 2 });
    const calls = [client.get('/'), client.get('/')];
    await assert.rejects(client.get('/'), (error) => hasCode(error, 'ZK_QUEUE_FULL'));
    const all = Promise.allSettled(calls);
    await client.close();
    for (const one of await all)
      assert.ok(one.status === 'rejected' && hasCode(one.reason, 'ZK_CLOSED'));
  });

  it('stops trying when the start is aborted', async () => {
    const client = new ZooKeeperClient({ connectString: '127.0.0.1:1' });
    await assert.rejects(client.start(AbortSignal.timeout(100)));
    assert.equal(client.state, 'closed');
  });
});

/** What a port may have that is no ZooKeeper. */
const impostors: Record<string, (socket: Socket) => void> = {
  'says nothing': () => undefined,
  'closes at once': (socket) => socket.destroy(),
  'sends random bytes': (socket) => socket.write(randomBytes(4_096)),
  'promises two gigabytes': (socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1])),
  'cuts its greeting': (socket) => socket.end(Buffer.from([0, 0, 0, 37, 0, 0, 0, 0, 0, 0])),
  'greets with too little': (socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0])),
  'greets well and goes on with nonsense': (socket) => {
    // A session of 6 s with the number 77, then a reply to nothing.
    const greeting = Buffer.alloc(4 + 37);
    greeting.writeInt32BE(37, 0);
    greeting.writeInt32BE(6_000, 8);
    greeting.writeBigInt64BE(77n, 12);
    greeting.writeInt32BE(16, 20);
    const nonsense = Buffer.alloc(4 + 16);
    nonsense.writeInt32BE(16, 0);
    nonsense.writeInt32BE(4_711, 4);
    socket.once('data', () => socket.write(Buffer.concat([greeting, nonsense])));
  },
  'speaks HTTP': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
};

describe('among servers that are none', () => {
  for (const [what, behave] of Object.entries(impostors)) {
    it(`finds the real one beside one that ${what}`, async () => {
      const impostor = await listen(behave);
      const { plainHosts } = await zookeeper();
      const client = new ZooKeeperClient({
        connectString: `127.0.0.1:${portOf(impostor.server)},127.0.0.1:1,${plainHosts}`,
        sessionTimeoutMs: 3_000,
        // The order of the list, so that the impostor is the first.
        random: () => 0,
      });
      try {
        await client.start(AbortSignal.timeout(20_000));
        await client.exists('/');
        assert.equal(impostor.visits(), 1);
      } finally {
        await client.close();
        impostor.server.close();
      }
    });
  }
});

async function listen(
  behave: (socket: Socket) => void,
): Promise<{ server: Server; visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, visits: () => visits };
}
