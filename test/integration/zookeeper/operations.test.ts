/** Every operation on a real server, over plain TCP and over TLS. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { hasCode } from '../../../shared/base/errors.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import {
  isBadVersion,
  isNodeExists,
  isNoNode,
  isNotEmpty,
  MultiError,
} from '../../../shared/zookeeper/errors.ts';
import type { WatchEvent } from '../../../shared/zookeeper/types.ts';
import { eventually } from '../../support/eventually.ts';
import { uniqueChroot, zookeeper } from '../../support/zookeeper.ts';

/** How the server keeps a password: DigestAuthenticationProvider.java. */
function digestOf(user: string, password: string): string {
  return `${user}:${createHash('sha1').update(`${user}:${password}`).digest('base64')}`;
}

const bytes = (text: string): Buffer => Buffer.from(text);

for (const transport of ['plain', 'TLS'] as const) {
  describe(`the client over ${transport}`, () => {
    const chroot = uniqueChroot('operations');
    let zk: ZooKeeperClient;
    let newClient: (path?: string) => Promise<ZooKeeperClient>;

    before(async () => {
      const server = await zookeeper();
      newClient = async (path = chroot) => {
        const hosts = transport === 'TLS' ? server.tlsHosts : server.plainHosts;
        const client = new ZooKeeperClient({
          connectString: hosts + path,
          tls: transport === 'TLS' ? server.tls : undefined,
        });
        await client.start(AbortSignal.timeout(20_000));
        return client;
      };
      zk = await newClient();
      await zk.ensurePath('/');
    });

    after(async () => {
      await zk.close();
    });

    it('creates, reads, writes and deletes a znode by its versions', async () => {
      const created = await zk.create('/a', bytes('one'));
      assert.equal(created.path, '/a');
      assert.equal(created.stat.dataLength, 3);
      const changed = await zk.set('/a', bytes('three'), 0);
      assert.equal(changed.version, 1);
      await assert.rejects(zk.set('/a', bytes('x'), 0), isBadVersion);
      const { data, stat } = await zk.get('/a');
      assert.equal(data.toString(), 'three');
      assert.deepEqual(stat, changed);
      assert.deepEqual(await zk.exists('/a'), stat);
      await assert.rejects(zk.create('/a'), isNodeExists);
      await assert.rejects(zk.delete('/a', 0), isBadVersion);
      await zk.delete('/a', 1);
      assert.equal(await zk.exists('/a'), undefined);
      await assert.rejects(zk.get('/a'), isNoNode);
      await assert.rejects(zk.create('/no/parent'), isNoNode);
    });

    it('numbers sequential znodes and lists children with names in any language', async () => {
      await zk.create('/children');
      const first = await zk.create('/children/ünï-', undefined, { mode: 'persistentSequential' });
      const second = await zk.create('/children/日本-', undefined, { mode: 'ephemeralSequential' });
      assert.equal(first.path, '/children/ünï-0000000000');
      assert.equal(second.path, '/children/日本-0000000001');
      assert.equal(second.stat.ephemeralOwner, zk.session?.id);
      const { children, stat } = await zk.children('/children');
      assert.deepEqual(children.toSorted(), ['ünï-0000000000', '日本-0000000001']);
      assert.equal(stat.numChildren, 2);
      await assert.rejects(zk.delete('/children'), isNotEmpty);
    });

    it('makes containers', async () => {
      await zk.create('/container', undefined, { mode: 'container' });
      assert.ok(await zk.exists('/container'));
    });

    it('reads and sets access control lists', async () => {
      await zk.create('/acl');
      const acl = [{ perms: 1, scheme: 'world', id: 'anyone' }];
      assert.equal((await zk.setAcl('/acl', acl, 0)).aversion, 1);
      assert.deepEqual((await zk.getAcl('/acl')).acl, acl);
      await assert.rejects(zk.set('/acl', bytes('x')), (error) => hasCode(error, 'ZK_NO_AUTH'));
    });

    it('authenticates by digest, and tells a scheme that the server does not know', async () => {
      const owner = await newClient();
      const stranger = await newClient();
      try {
        await owner.addAuth('digest', 'me:secret');
        await owner.create('/secret', bytes('s'), {
          acl: [{ perms: 31, scheme: 'digest', id: digestOf('me', 'secret') }],
        });
        await assert.rejects(stranger.get('/secret'), (error) => hasCode(error, 'ZK_NO_AUTH'));
        await assert.rejects(stranger.addAuth('nonsense', 'x'), (error) =>
          hasCode(error, 'ZK_AUTH_FAILED'),
        );
        await stranger.addAuth('digest', 'me:secret');
        assert.equal((await stranger.get('/secret')).data.toString(), 's');
      } finally {
        await owner.close();
        await stranger.close();
      }
    });

    it('syncs', async () => {
      await zk.sync('/');
    });

    it('does all of a transaction', async () => {
      await zk.create('/multi');
      const results = await zk.multi([
        { op: 'check', path: '/multi', version: 0 },
        { op: 'create', path: '/multi/n-', mode: 'ephemeralSequential', data: bytes('d') },
        { op: 'create', path: '/multi/gone' },
        { op: 'set', path: '/multi', data: bytes('x'), version: 0 },
        { op: 'delete', path: '/multi/gone', version: 0 },
      ]);
      assert.deepEqual(
        results.map((result) => result.op),
        ['check', 'create', 'create', 'set', 'delete'],
      );
      const created = results[1];
      assert.ok(created?.op === 'create');
      assert.equal(created.path, '/multi/n-0000000000');
      // Debian 12's server answers the path alone; no times can be told then.
      const isPathAlone = (await zookeeper()).version === 'debian' && created.stat.ctime === 0;
      const stat = await zk.exists(created.path);
      assert.deepEqual(created.stat, { ...stat, ...(isPathAlone && { ctime: 0, mtime: 0 }) });
    });

    it('does nothing of a transaction with one operation that fails, and names it', async () => {
      await zk.create('/whole');
      const error = await zk
        .multi([
          { op: 'create', path: '/whole/a' },
          { op: 'set', path: '/whole', data: bytes('x'), version: 7 },
          { op: 'delete', path: '/whole/a' },
        ])
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      assert.ok(error instanceof MultiError);
      assert.equal(error.failedIndex, 1);
      assert.ok(isBadVersion(error));
      assert.deepEqual((await zk.children('/whole')).children, []);
    });

    it('does each of many transactions made at once by itself, whichever go together', async () => {
      await zk.ensurePath('/crowd');
      const all = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) =>
          zk.multi([
            // Every third wants the same as the one before it.
            { op: 'create', path: `/crowd/${index % 3 === 2 ? index - 1 : index}` },
            { op: 'create', path: `/crowd/with-${index}` },
          ]),
        ),
      );
      const failed = all.flatMap((one, index) => (one.status === 'rejected' ? [index] : []));
      const made = (await zk.children('/crowd')).children;
      assert.equal(failed.length, 20);
      // Of two that want the same it may be either.
      for (const index of failed) {
        assert.ok(index % 3 > 0);
        assert.ok(!made.includes(`with-${index}`));
      }
      assert.equal(made.length, 80);
    });

    it('answers many reads in one request, each with its own error', async () => {
      await zk.ensurePath('/many/a');
      await zk.create('/many/b', bytes('B'));
      const [a, b, none, list] = await zk.readMany([
        { op: 'get', path: '/many/a' },
        { op: 'get', path: '/many/b' },
        { op: 'get', path: '/many/none' },
        { op: 'children', path: '/many' },
      ]);
      assert.ok(a?.op === 'get' && a.data.length === 0);
      assert.ok(b?.op === 'get');
      assert.deepEqual(b.data, bytes('B'));
      assert.deepEqual(b.stat, await zk.exists('/many/b'));
      assert.ok(none?.op === 'error' && isNoNode(none.error));
      assert.ok(list?.op === 'children');
      assert.deepEqual(list.children.sort(), ['a', 'b']);
    });

    it('tells recursive and plain watches what happens, until they are closed', async () => {
      await zk.ensurePath('/watched/below');
      const recursive: string[] = [];
      const plain: string[] = [];
      const note = (list: string[]) => (event: WatchEvent) => {
        list.push(`${event.type} ${event.path}`);
      };
      const below = await zk.addWatch('/watched', 'persistentRecursive', note(recursive));
      const own = await zk.addWatch('/watched/below', 'persistent', note(plain));
      await zk.create('/watched/below/x');
      await zk.set('/watched/below/x', bytes('1'));
      await zk.delete('/watched/below/x');
      await below.close();
      await zk.set('/watched/below', bytes('2'));
      await own.close();
      await zk.set('/watched/below', bytes('3'));
      await zk.sync('/');
      const x = '/watched/below/x';
      assert.deepEqual(recursive, [`created ${x}`, `dataChanged ${x}`, `deleted ${x}`]);
      const parent = '/watched/below';
      const children = `childrenChanged ${parent}`;
      assert.deepEqual(plain, [children, children, `dataChanged ${parent}`]);
    });

    it('tells a watch for once of one change', async () => {
      await zk.create('/once', bytes('0'));
      const heard: (WatchEvent | undefined)[] = [];
      await zk.get('/once', { watchOnce: (event) => heard.push(event) });
      await zk.set('/once', bytes('1'));
      await zk.set('/once', bytes('2'));
      assert.deepEqual(heard, [{ type: 'dataChanged', path: '/once' }]);
    });

    it('makes and deletes trees, also when they are there or gone already', async () => {
      await zk.ensurePath('/tree/a/b');
      await zk.ensurePath('/tree/a/b');
      const branches = ['/tree/a/b/c', '/tree/d', '/tree/a/e'];
      await Promise.all(branches.map((path) => zk.ensurePath(path)));
      await zk.deleteTree('/tree');
      assert.equal(await zk.exists('/tree'), undefined);
      await zk.deleteTree('/tree');
    });

    it('keeps the order of a thousand calls made at once', async () => {
      await zk.create('/order');
      const calls = Array.from({ length: 1_000 }, (_, i) => zk.set('/order', bytes(`${i}`), i));
      const stats = await Promise.all(calls);
      assert.deepEqual(
        stats.map((stat) => stat.version),
        Array.from({ length: 1_000 }, (_, i) => i + 1),
      );
    });

    it('makes sequential znodes that are only a number', async () => {
      await zk.create('/numbers');
      const { path } = await zk.create('/numbers/', undefined, { mode: 'persistentSequential' });
      assert.equal(path, '/numbers/0000000000');
      const results = await zk.multi([
        { op: 'create', path: '/numbers/', mode: 'ephemeralSequential' },
      ]);
      assert.ok(results[0]?.op === 'create');
      assert.equal(results[0].path, '/numbers/0000000001');
    });

    it('refuses what is no path', async () => {
      await assert.rejects(zk.get('relative'), (error) => hasCode(error, 'ZK_BAD_ARGUMENTS'));
      await assert.rejects(zk.create('/trailing/'), (error) => hasCode(error, 'ZK_BAD_ARGUMENTS'));
    });

    it('gives a call up when its signal aborts, and goes on', async () => {
      const controller = new AbortController();
      const call = zk.get('/', { signal: controller.signal });
      controller.abort();
      await assert.rejects(call, (error) => hasCode(error, 'NP_ABORTED'));
      await assert.rejects(zk.get('/', { signal: controller.signal }), (error) =>
        hasCode(error, 'NP_ABORTED'),
      );
      await zk.get('/');
    });

    it('ends the session at the server when it is closed', async () => {
      const client = await newClient();
      const { signal } = client.session ?? assert.fail('no session');
      await client.create('/presence', undefined, { mode: 'ephemeral' });
      await client.close();
      assert.equal(await zk.exists('/presence'), undefined);
      assert.ok(hasCode(signal.reason, 'ZK_CLOSED'));
      assert.equal(client.state, 'closed');
      await assert.rejects(client.get('/'), (error) => hasCode(error, 'ZK_CLOSED'));
    });

    it('makes its own chroot', async () => {
      const deep = await newClient(`${chroot}/not/yet`);
      try {
        await deep.ensurePath('/x');
        await eventually(async () => {
          assert.ok(await zk.exists('/not/yet/x'));
        });
      } finally {
        await deep.close();
      }
    });
  });
}
