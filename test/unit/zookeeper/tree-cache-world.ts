/** A tree cache, a server in memory, and what others do to it. */
import assert from 'node:assert/strict';
import { ManualClock } from '../../../fixtures/clock.ts';
import { FakeZooKeeper } from '../../../fixtures/fake-zookeeper/client.ts';
import { FakeServer } from '../../../fixtures/fake-zookeeper/server.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { TreeCache, type TreeChange } from '../../../shared/zookeeper/tree-cache.ts';
import type { MultiOp } from '../../../shared/zookeeper/types.ts';
import { cachedTree } from '../../support/cached-tree.ts';

export const never = new AbortController().signal;
export const ROOT = '/nodes';
export const OTHERS = 999n;
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function cacheOf(client: FakeZooKeeper, clock = new ManualClock()): TreeCache {
  return new TreeCache({
    client,
    root: ROOT,
    classify: (path) =>
      path.startsWith('skipped') ? 'skip' : path.includes('/') ? 'presence' : 'data',
    expectedChildren: (path) => [['lock'], undefined, []][path.split('/').length - 1],
    log: silentLogger,
    clock,
  });
}

/** What others do: at the server at once, or not at all where the rules forbid it. */
export function foreign(server: FakeServer, ...ops: MultiOp[]): void {
  try {
    server.write(ops, OTHERS);
  } catch {
    // Such as a create of what is there already: nothing has changed.
  }
}

/** A server with `/nodes` and some nodes below. */
export function serverWith(...names: string[]): FakeServer {
  const server = new FakeServer();
  foreign(server, { op: 'create', path: ROOT });
  for (const name of names)
    foreign(server, { op: 'create', path: `${ROOT}/${name}`, data: Buffer.from(name) });
  return server;
}

export function removeTree(server: FakeServer, path: string): void {
  if (!server.znodes.has(path)) return;
  for (const name of server.znodes.children(path).children) removeTree(server, `${path}/${name}`);
  foreign(server, { op: 'delete', path });
}

/** The part of the server's tree that the cache shall hold; data of nodes only. */
export function expected(server: FakeServer): Map<string, string> {
  const isShown = (path: string): boolean => path === ROOT || path.startsWith(`${ROOT}/`);
  const isNode = (path: string): boolean => path.split('/').length === 3;
  return new Map(
    [...server.znodes.toMap()]
      .filter(([path]) => isShown(path) && !path.startsWith(`${ROOT}/skipped`))
      .map(([path, data]) => [path, isNode(path) ? data : '']),
  );
}

export const content = (cache: TreeCache): Map<string, string> => cachedTree(cache, ROOT);

export const sorted = (tree: Map<string, string>): [string, string][] =>
  [...tree].sort(([a], [b]) => (a < b ? -1 : 1));

/** Keeps a tree from what the cache tells, and sees that it tells no nonsense. */
export function follow(cache: TreeCache): Map<string, string> {
  const tree = new Map<string, string>();
  const newest = new Map<string, bigint>();
  cache.onChange(({ path, kind, data, stat }: TreeChange) => {
    if (kind === 'removed') {
      assert.ok(tree.delete(path), `removed but not there: ${path}`);
      return;
    }
    if (stat === undefined) assert.ok(!tree.has(path), `put twice: ${path}`);
    else {
      assert.ok(stat.mzxid > (newest.get(path) ?? -1n), `older after newer: ${path}`);
      newest.set(path, stat.mzxid);
    }
    tree.set(path, data?.toString() ?? '');
  });
  return tree;
}

/** Lets the client and the server work until nothing is on its way. */
export async function settle(client: FakeZooKeeper): Promise<void> {
  for (let quiet = 0; quiet < 10; quiet++) {
    while (client.serveOne() || client.receiveOne()) quiet = 0;
    await turn();
  }
}

export async function started(
  server: FakeServer,
): Promise<{ client: FakeZooKeeper; cache: TreeCache }> {
  const client = new FakeZooKeeper(server, { isAutomatic: false });
  const cache = cacheOf(client);
  const loaded = cache.start(never);
  await settle(client);
  await loaded;
  client.sent.clear();
  return { client, cache };
}

export const set = (cache: TreeCache, client: FakeZooKeeper, path: string, text: string) => {
  const data = Buffer.from(text);
  return cache.write(
    { paths: [path] },
    () => client.set(path, data),
    (stat) => [{ path, data, stat }],
  );
};

export const create = (cache: TreeCache, client: FakeZooKeeper, text: string) => {
  const data = Buffer.from(text);
  return cache.write(
    { createdUnder: [ROOT] },
    () => client.create(`${ROOT}/s`, data, { mode: 'persistentSequential' }),
    ({ path, stat }) => [{ path, data, stat }],
  );
};

export const remove = (cache: TreeCache, client: FakeZooKeeper, path: string) =>
  cache.write(
    { paths: [path] },
    () => client.delete(path),
    () => [{ path, isDeleted: true }],
  );
