/**
 * Client and recipes on every supported release of the server, plain and TLS. The servers come from
 * the cache of jars or from Maven; a release that cannot be had is skipped.
 */
import assert from 'node:assert/strict';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { NodepoolError } from '../../../shared/base/errors.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { isNoNode, MultiError } from '../../../shared/zookeeper/errors.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { TreeCache } from '../../../shared/zookeeper/tree-cache.ts';
import { eventually } from '../../support/eventually.ts';

const VERSIONS = ['3.5.10', '3.6.4', '3.7.2', '3.8.4', '3.9.5'];
const never = new AbortController().signal;

/** Persistent watches begin with 3.6. */
const hasWatches = (version: string): boolean => !version.startsWith('3.5.');

function cacheOf(client: ZooKeeperClient): TreeCache {
  return new TreeCache({ client, root: '/cache', classify: () => 'data', log: silentLogger });
}

for (const version of VERSIONS)
  for (const mode of ['plain', 'tls'] as const)
    describe(`ZooKeeper ${version}, ${mode}`, () => {
      let server: RunningZooKeeper | undefined;
      let client: ZooKeeperClient;
      let other: ZooKeeperClient;

      const connect = async (zk: RunningZooKeeper): Promise<ZooKeeperClient> => {
        const one = new ZooKeeperClient({
          connectString: `${mode === 'tls' ? zk.tlsHosts : zk.plainHosts}/versions`,
          sessionTimeoutMs: 2_000,
          ...(mode === 'tls' ? { tls: zk.tls } : {}),
        });
        await one.start(AbortSignal.timeout(20_000));
        return one;
      };

      before(async function () {
        server = await startZooKeeper({ version, mode, tickMs: 200 }).catch((error: unknown) => {
          if (String(error).includes('Maven') || String(error).includes('mvn')) return undefined;
          throw error;
        });
        if (server === undefined) {
          this.skip();
        }
        client = await connect(server);
        other = await connect(server);
        await client.ensurePath('/');
      });

      after(async () => {
        if (server === undefined) return;
        await Promise.all([client.close(), other.close()]);
        await server.stop();
      });

      it('reads, writes and says what is not there', async () => {
        const { path, stat } = await client.create('/a', Buffer.from('one'));
        assert.equal(path, '/a');
        const set = await client.set('/a', Buffer.from('two'), stat.version);
        assert.deepEqual(await other.get('/a'), { data: Buffer.from('two'), stat: set });
        assert.deepEqual((await other.children('/')).children, ['a']);
        const acl = { perms: 31, scheme: 'world', id: 'anyone' };
        assert.deepEqual((await client.getAcl('/a')).acl, [acl]);
        await client.delete('/a', 1);
        assert.equal(await client.exists('/a'), undefined);
        await assert.rejects(client.get('/a'), isNoNode);
      });

      it('does transactions whole or not at all', async () => {
        const results = await client.multi([
          { op: 'create', path: '/m' },
          { op: 'create', path: '/m/s', mode: 'ephemeralSequential' },
          { op: 'check', path: '/m', version: 0 },
        ]);
        assert.equal(results[1]?.op === 'create' && results[1].path, '/m/s0000000000');
        await assert.rejects(
          client.multi([
            { op: 'create', path: '/n' },
            { op: 'check', path: '/m', version: 7 },
          ]),
          (error) => error instanceof MultiError && error.failedIndex === 1,
        );
        assert.equal(await client.exists('/n'), undefined);
      });

      it('locks, one after the other, over the end of a session', async () => {
        const first = await new Lock(client, '/lock').tryAcquire();
        assert.ok(first);
        assert.equal(await new Lock(other, '/lock').tryAcquire(), undefined);
        const waiting = new Lock(other, '/lock').acquire({ signal: never, timeoutMs: 20_000 });
        await first.held.release();
        const second = await waiting;
        const third = new Lock(client, '/lock').acquire({ signal: never, timeoutMs: 20_000 });
        await other.close();
        assert.ok(second.signal.aborted);
        await (await third).release();
        if (server !== undefined) other = await connect(server);
      });

      it('lets readers share a lock', async () => {
        const read = { kind: 'read' } as const;
        const one = await new Lock(client, '/rw', read).tryAcquire();
        const two = await new Lock(other, '/rw', read).tryAcquire();
        assert.ok(one && two);
        assert.equal(await new Lock(other, '/rw', { kind: 'write' }).tryAcquire(), undefined);
        await Promise.all([one.held.release(), two.held.release()]);
      });

      if (hasWatches(version))
        it('keeps a tree cache current over a restart of the server', async () => {
          await client.ensurePath('/cache');
          const cache = cacheOf(other);
          await cache.start(never);
          await client.create('/cache/a', Buffer.from('a'));
          await eventually(() => cache.get('/cache/a')?.data.toString() === 'a');
          const member = server?.member(1);
          await member?.kill();
          await eventually(() => !cache.isCurrent);
          await member?.start();
          await eventually(() => cache.isCurrent);
          await client.set('/cache/a', Buffer.from('b'));
          await eventually(() => cache.get('/cache/a')?.data.toString() === 'b');
          await cache.stop();
        });
      else
        it('says clearly that a tree cache needs a newer server', async () => {
          await assert.rejects(
            cacheOf(client).start(AbortSignal.timeout(20_000)),
            (error) => error instanceof NodepoolError && error.code === 'ZK_UNSUPPORTED',
          );
        });
    });
