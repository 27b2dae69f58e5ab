/** The tree cache on a real server: what it costs, and that it stays right over lost connections. */
import assert from 'node:assert/strict';
import { startCuttingProxy, type CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { TreeCache, type TreeChange } from '../../../shared/zookeeper/tree-cache.ts';
import { cachedTree } from '../../support/cached-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { connect, uniqueChroot, withClient, zookeeper } from '../../support/zookeeper.ts';

const never = new AbortController().signal;
const ROOT = '/nodes';

/** Nodes with data, a lock below each, lock children below that: as Nodepool has them. */
function nodeCache(client: ZooKeeperClient): TreeCache {
  return new TreeCache({
    client,
    root: ROOT,
    classify: (path) => (path.includes('/') ? 'presence' : 'data'),
    expectedChildren: (path) => [['lock'], undefined, []][path.split('/').length - 1],
    log: silentLogger,
  });
}

async function makeNodes(client: ZooKeeperClient, count: number): Promise<void> {
  await client.ensurePath(ROOT);
  const nodes: Promise<unknown>[] = [];
  for (let number = 0; number < count; number++) {
    const path = `${ROOT}/${String(number).padStart(10, '0')}`;
    nodes.push(
      client.multi([
        { op: 'create', path, data: Buffer.from(`node ${number}`) },
        { op: 'create', path: `${path}/lock` },
        { op: 'create', path: `${path}/lock/a__lock__`, mode: 'persistentSequential' },
      ]),
    );
  }
  await Promise.all(nodes);
}

/** The whole tree as the server has it, to compare with. */
async function readTree(client: ZooKeeperClient): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  const walk = async (path: string): Promise<void> => {
    const [{ data }, { children }] = await Promise.all([client.get(path), client.children(path)]);
    tree.set(path, data.toString());
    await Promise.all(children.map((name) => walk(`${path}/${name}`)));
  };
  if (await client.exists(ROOT)) await walk(ROOT);
  return tree;
}

/** Changes, replayed: what a listener believes to be the tree. */
function follow(cache: TreeCache): Map<string, string> {
  const tree = new Map<string, string>();
  cache.onChange(({ path, kind, data }: TreeChange) => {
    if (kind === 'put') tree.set(path, data?.toString() ?? '');
    else assert.ok(tree.delete(path), `removed twice: ${path}`);
  });
  return tree;
}

const sorted = (tree: Map<string, string>): [string, string][] =>
  [...tree].sort(([a], [b]) => (a < b ? -1 : 1));

describe('a tree cache on a real server', () => {
  it('loads nodes with their locks in two requests each, and then follows', async () => {
    await withClient(async (client, chroot) => {
      const count = 500;
      await makeNodes(client, count);
      const reader = await connect(chroot);
      const cache = nodeCache(reader);
      const before = reader.counters.requests;
      await cache.start(never);
      assert.ok(reader.counters.requests - before <= 2 * count + 10);
      assert.deepEqual(sorted(cachedTree(cache, ROOT)), sorted(await readTree(client)));
      const loaded = reader.counters.requests;
      await client.set(`${ROOT}/0000000007`, Buffer.from('changed'));
      await client.deleteTree(`${ROOT}/0000000008`);
      await client.create(`${ROOT}/new`, Buffer.from('new'));
      await eventually(() => cache.get(`${ROOT}/new`) !== undefined);
      assert.equal(reader.counters.requests - loaded, 2);
      assert.deepEqual(sorted(cachedTree(cache, ROOT)), sorted(await readTree(client)));
      await cache.stop();
      await reader.close();
    });
  });

  it('begins with a root that does not exist, and sees it come and go', async () => {
    await withClient(async (client) => {
      const cache = nodeCache(client);
      await cache.start(never);
      assert.ok(cache.isCurrent && !cache.has(ROOT));
      await makeNodes(client, 2);
      await eventually(() => cache.children(ROOT).length === 2);
      await client.deleteTree(ROOT);
      await eventually(() => !cache.has(ROOT));
      await cache.stop();
    });
  });

  it('takes own writes over from their replies and reads nothing back', async () => {
    await withClient(async (client) => {
      await client.ensurePath(ROOT);
      const cache = nodeCache(client);
      await cache.start(never);
      const changes: TreeChange[] = [];
      cache.onChange((change) => changes.push(change));
      const before = client.counters.requests;
      const data = Buffer.from('mine');
      const create = () =>
        cache.write(
          { createdUnder: [ROOT] },
          () => client.create(`${ROOT}/`, data, { mode: 'persistentSequential' }),
          ({ path, stat }) => [{ path, data, stat }],
        );
      const made = await Promise.all(Array.from({ length: 50 }, create));
      for (const { path } of made) assert.equal(cache.get(path)?.data, data);
      const again = Buffer.from('again');
      await Promise.all(
        made.map(({ path }) =>
          cache.write(
            { paths: [path] },
            () => client.set(path, again),
            (stat) => [{ path, data: again, stat }],
          ),
        ),
      );
      for (const { path } of made) assert.equal(cache.get(path)?.data, again);
      await Promise.all(
        made.map(({ path }) =>
          cache.write(
            { paths: [path] },
            () => client.delete(path),
            () => [{ path, isDeleted: true }],
          ),
        ),
      );
      assert.deepEqual(cache.children(ROOT), []);
      await client.sync(ROOT);
      assert.equal(client.counters.requests - before, 151);
      assert.equal(changes.length, 150);
      await cache.stop();
    });
  });

  describe('whose connection breaks', () => {
    let proxy: CuttingProxy;
    let writer: ZooKeeperClient;
    let reader: ZooKeeperClient;
    let cache: TreeCache;

    beforeEach(async () => {
      const { plainHosts } = await zookeeper();
      proxy = await startCuttingProxy(plainHosts);
      const chroot = uniqueChroot('cache');
      writer = await connect(chroot);
      reader = await connect(chroot, {
        connectString: `127.0.0.1:${proxy.port}${chroot}`,
        sessionTimeoutMs: 1_000,
      });
      await makeNodes(writer, 20);
      cache = nodeCache(reader);
    });

    afterEach(async () => {
      await cache.stop();
      await Promise.all([reader.close(), writer.close()]);
      await proxy.close();
    });

    const change = async (): Promise<void> => {
      await writer.set(`${ROOT}/0000000001`, Buffer.from('changed'));
      await writer.deleteTree(`${ROOT}/0000000002`);
      await writer.deleteTree(`${ROOT}/0000000003/lock`);
      await writer.deleteTree(`${ROOT}/0000000004`);
      await writer.create(`${ROOT}/0000000004`, Buffer.from('another'));
      await writer.create(`${ROOT}/new`, Buffer.from('new'));
    };

    it('tells exactly what changed meanwhile, and says that it was not current', async () => {
      await cache.start(never);
      const told: string[] = [];
      const current: boolean[] = [];
      cache.onChange(({ kind, path }) => told.push(`${kind} ${path.slice(ROOT.length + 1)}`));
      cache.onCurrent((isCurrent) => current.push(isCurrent));
      proxy.refuse(true);
      proxy.cut();
      await eventually(() => !cache.isCurrent);
      await change();
      proxy.refuse(false);
      await eventually(() => cache.isCurrent);
      assert.deepEqual(current, [false, true]);
      assert.deepEqual(told.sort(), [
        'put 0000000001',
        'put 0000000004',
        'put new',
        'removed 0000000002',
        'removed 0000000002/lock',
        'removed 0000000002/lock/a__lock__0000000000',
        'removed 0000000003/lock',
        'removed 0000000003/lock/a__lock__0000000000',
        'removed 0000000004/lock',
        'removed 0000000004/lock/a__lock__0000000000',
      ]);
      assert.deepEqual(sorted(cachedTree(cache, ROOT)), sorted(await readTree(writer)));
    });

    it('is right again after the session has expired, and goes on following', async () => {
      await cache.start(never);
      const session = reader.session;
      proxy.refuse(true);
      proxy.cut();
      await eventually(() => session?.signal.aborted);
      await change();
      proxy.refuse(false);
      await eventually(() => cache.isCurrent);
      assert.deepEqual(sorted(cachedTree(cache, ROOT)), sorted(await readTree(writer)));
      await writer.set(`${ROOT}/new`, Buffer.from('newer'));
      await eventually(() => cache.get(`${ROOT}/new`)?.data.toString() === 'newer');
    });

    it('is right in the end however often it breaks while the tree changes', async () => {
      const believed = follow(cache);
      await cache.start(never);
      for (let round = 0; round < 15; round++) {
        const path = `${ROOT}/${String(round % 5).padStart(10, '0')}`;
        const own = Buffer.from(`own ${round}`);
        const writes = [
          writer.deleteTree(path),
          writer.create(`${ROOT}/r${round}`, Buffer.from('x')),
          writer.set(`${ROOT}/0000000010`, Buffer.from(`${round}`)),
          cache.write(
            { paths: [`${ROOT}/0000000011`] },
            () => reader.set(`${ROOT}/0000000011`, own),
            (stat) => [{ path: `${ROOT}/0000000011`, data: own, stat }],
          ),
        ];
        if (round % 3 > 0) proxy.cut();
        await Promise.allSettled(writes);
        await writer.create(path, Buffer.from(`again ${round}`)).catch(() => undefined);
      }
      await eventually(() => cache.isCurrent);
      await eventually(async () => {
        assert.deepEqual(sorted(cachedTree(cache, ROOT)), sorted(await readTree(writer)));
      });
      // Locks are presence only, so their data does not count.
      assert.deepEqual(sorted(believed), sorted(cachedTree(cache, ROOT)));
    });
  });
});
