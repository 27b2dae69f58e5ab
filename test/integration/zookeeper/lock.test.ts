/** Locks on a real server, with connections that break at the worst moment. */
import assert from 'node:assert/strict';
import { startCuttingProxy, type CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { MultiError } from '../../../shared/zookeeper/errors.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';

/** Operation codes on the wire. */
const MULTI = 14;
const DELETE = 2;
const CREATE2 = 15;

const never = new AbortController().signal;

describe('a lock on a real server', () => {
  let proxy: CuttingProxy;
  let ours: ZooKeeperClient;
  let other: ZooKeeperClient;

  before(async () => {
    const { plainHosts } = await zookeeper();
    proxy = await startCuttingProxy(plainHosts);
    const chroot = uniqueChroot('lock');
    ours = await connect(chroot, { connectString: `127.0.0.1:${proxy.port}${chroot}` });
    other = await connect(chroot);
  });

  after(async () => {
    await ours.close();
    await other.close();
    await proxy.close();
  });

  const childrenOf = async (path: string): Promise<string[]> =>
    (await other.children(path)).children;

  it('is taken by one and refused to the other, who leaves nothing behind', async () => {
    const held = await new Lock(ours, '/plain').tryAcquire();
    assert.ok(held);
    assert.equal(await new Lock(other, '/plain').tryAcquire(), undefined);
    await eventually(async () => {
      assert.deepEqual(await childrenOf('/plain'), [held.held.childPath.split('/').at(-1)]);
    });
    await held.held.release();
    assert.deepEqual(await childrenOf('/plain'), []);
    assert.ok(await new Lock(other, '/plain').tryAcquire());
  });

  it('is never made below a znode that is gone', async () => {
    await assert.rejects(new Lock(ours, '/gone/lock').tryAcquire(), (error) =>
      hasCode(error, 'ZK_NO_NODE'),
    );
    assert.equal(await other.exists('/gone'), undefined);
  });

  it('writes the record in the transaction that takes it, new or not', async () => {
    await other.create('/record', Buffer.from('a'));
    const set = (version: number) =>
      [{ op: 'set', path: '/record', data: Buffer.from('b'), version }] as const;
    const first = await new Lock(ours, '/record/lock').tryAcquire({ also: set(0) });
    assert.equal(first?.results[0]?.op === 'set' && first.results[0].stat.version, 1);
    await first?.held.release();
    const second = await new Lock(ours, '/record/lock').tryAcquire({ also: set(1) });
    assert.equal(second?.results[0]?.op === 'set' && second.results[0].stat.version, 2);
    await second?.held.release();
    await assert.rejects(
      new Lock(ours, '/record/lock').tryAcquire({ also: set(1) }),
      (error) => error instanceof MultiError && error.failedIndex === 0,
    );
    await eventually(async () => (await childrenOf('/record/lock')).length === 0);
  });

  for (const [what, assumeParent] of [
    ['new', false],
    ['old', true],
  ] as const)
    it(`is ours once, with one child, when its znode is ${what} and the reply is lost`, async () => {
      const path = '/lost-1';
      const lost = proxy.swallowReply((code) => code === MULTI);
      const acquired = await new Lock(ours, path).tryAcquire({ assumeParent });
      await lost;
      assert.ok(acquired);
      assert.equal((await childrenOf(path)).length, 1);
      assert.equal(await new Lock(other, path).tryAcquire(), undefined);
      await acquired.held.release();
      await eventually(async () => (await childrenOf(path)).length === 0);
    });

  it('is given back although the connection breaks at the release', async () => {
    const acquired = await new Lock(ours, '/released').tryAcquire();
    const lost = proxy.swallowReply((code) => code === DELETE);
    await acquired?.held.release();
    await lost;
    assert.deepEqual(await childrenOf('/released'), []);
  });

  it('passes on in the order of arrival', async () => {
    const order: number[] = [];
    const first = await new Lock(other, '/queue').acquire({ signal: never });
    const waiting = [];
    for (let number = 0; number < 5; number++) {
      const client = number % 2 === 0 ? ours : other;
      waiting.push(
        new Lock(client, '/queue').acquire({ signal: never }).then(async (held) => {
          order.push(number);
          await held.release();
        }),
      );
      await eventually(async () => (await childrenOf('/queue')).length === number + 2);
    }
    await first.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
  });

  it('keeps its place in the queue over a lost connection', async () => {
    const first = await new Lock(other, '/place').acquire({ signal: never });
    const waiting = new Lock(ours, '/place').acquire({ signal: never });
    await eventually(async () => (await childrenOf('/place')).length === 2);
    const before = await childrenOf('/place');
    proxy.cut();
    await eventually(() => ours.state !== 'connected');
    await eventually(() => ours.state === 'connected');
    await first.release();
    const held = await waiting;
    assert.ok(before.includes(held.childPath.split('/').at(-1) ?? ''));
    await held.release();
  });

  it('has one place in the queue when the reply to its creation is lost', async () => {
    const first = await new Lock(other, '/queued').acquire({ signal: never });
    const lost = proxy.swallowReply((code) => code === CREATE2);
    const waiting = new Lock(ours, '/queued').acquire({ signal: never });
    await lost;
    await eventually(() => ours.state === 'connected');
    await ours.sync('/queued');
    await eventually(async () => (await childrenOf('/queued')).length === 2);
    await first.release();
    const held = await waiting;
    assert.deepEqual(await childrenOf('/queued'), [held.childPath.split('/').at(-1)]);
    await held.release();
  });

  it('ends the wait in time, and leaves the queue', async () => {
    const first = await new Lock(other, '/late').acquire({ signal: never });
    await assert.rejects(
      new Lock(ours, '/late').acquire({ signal: never, timeoutMs: 100 }),
      (error) => hasCode(error, 'ZK_LOCK_TIMEOUT'),
    );
    await eventually(async () => (await childrenOf('/late')).length === 1);
    await first.release();
  });

  it('lets readers share and keeps writers alone', async () => {
    const read = (client: ZooKeeperClient) => new Lock(client, '/rw', { kind: 'read' });
    const write = (client: ZooKeeperClient) => new Lock(client, '/rw', { kind: 'write' });
    const [one, two] = [await read(ours).tryAcquire(), await read(other).tryAcquire()];
    assert.ok(one && two);
    assert.equal(await write(other).tryAcquire(), undefined);
    const waiting = write(other).acquire({ signal: never });
    await eventually(async () =>
      (await childrenOf('/rw')).some((name) => name.includes('__lock__')),
    );
    assert.equal(await read(ours).tryAcquire(), undefined, 'a writer in the queue goes first');
    await one.held.release();
    await two.held.release();
    const writer = await waiting;
    assert.equal(await read(ours).tryAcquire(), undefined);
    await writer.release();
  });

  it('tells its holder when the session is lost, and fences late writes', async () => {
    const acquired = await new Lock(ours, '/fenced').tryAcquire();
    assert.ok(acquired);
    proxy.refuse(true);
    proxy.cut();
    await eventually(() => acquired.held.signal.aborted);
    assert.ok(hasCode(acquired.held.signal.reason, 'ZK_LOCK_LOST'));
    proxy.refuse(false);
    await eventually(() => ours.state === 'connected');
    await eventually(async () => (await childrenOf('/fenced')).length === 0);
    await assert.rejects(
      ours.multi([acquired.held.check(), { op: 'create', path: '/late-write' }]),
      (error) => error instanceof MultiError && error.failedIndex === 0,
    );
    await acquired.held.release();
  });
});
