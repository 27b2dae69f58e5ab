/**
 * What is in ZooKeeper and in the clouds, as the independent reader sees it: through a session of its
 * own, with plain reads and `JSON.parse`, so that nothing of the launcher's store hides a mistake of it.
 *
 * No snapshot in the strict sense: records are read one after the other. What vanishes meanwhile is
 * left out, so what is counted has been there all together when the list was read.
 */
import { isNoNode } from '../../shared/zookeeper/errors.ts';
import type { ZooKeeper } from '../../shared/zookeeper/types.ts';

export interface NodeSeen {
  readonly id: string;
  /** Undefined: the znode is empty or holds no JSON. */
  readonly record: Readonly<Record<string, unknown>> | undefined;
  /** Names of the children of its lock. */
  readonly locks: readonly string[];
}

export interface RequestSeen {
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>> | undefined;
}

export interface MachineSeen {
  readonly provider: string;
  readonly id: string;
  readonly status: string;
  readonly node: string | undefined;
}

export interface Snapshot {
  readonly nodes: readonly NodeSeen[];
  readonly requests: readonly RequestSeen[];
  /** Paths of children below the requests' locks. */
  readonly requestLocks: readonly string[];
  /** Provider and pool of each registered pool, sorted. */
  readonly pools: readonly string[];
  readonly machines: readonly MachineSeen[];
}

/** Where a metastatic node stands, as its record says. Undefined: nowhere yet. */
export function placeOf(
  record: Readonly<Record<string, unknown>>,
): { readonly backing: string; readonly slot: number } | undefined {
  const data = record.driver_data as { backing_node?: unknown; slot?: unknown } | null | undefined;
  const { backing_node: backing, slot } = data ?? {};
  return typeof backing === 'string' && typeof slot === 'number' ? { backing, slot } : undefined;
}

const NODES = '/nodepool/nodes';
const REQUESTS = '/nodepool/requests';
const REQUEST_LOCKS = '/nodepool/requests-lock';
const POOLS = '/nodepool/components/pool';

export async function readSnapshot(
  client: ZooKeeper,
  machines: () => readonly MachineSeen[],
): Promise<Snapshot> {
  const nodes = await readAll(client, NODES, async (id) => {
    const record = await readRecord(client, `${NODES}/${id}`);
    if (record === 'gone') return undefined;
    return { id, record, locks: await childrenOf(client, `${NODES}/${id}/lock`) };
  });
  const requests = await readAll(client, REQUESTS, async (id) => {
    const record = await readRecord(client, `${REQUESTS}/${id}`);
    return record === 'gone' ? undefined : { id, record };
  });
  const requestLocks = await readAll(client, REQUEST_LOCKS, async (id) =>
    (await childrenOf(client, `${REQUEST_LOCKS}/${id}`)).map((child) => `${id}/${child}`),
  );
  const pools = await readAll(client, POOLS, async (name) => {
    const record = await readRecord(client, `${POOLS}/${name}`);
    if (record === 'gone' || record === undefined) return undefined;
    return `${String(record.provider_name)}/${String(record.name)}`;
  });
  return {
    nodes,
    requests,
    requestLocks: requestLocks.flat(),
    pools: pools.toSorted(),
    machines: machines(),
  };
}

async function readAll<T>(
  client: ZooKeeper,
  root: string,
  read: (name: string) => Promise<T | undefined>,
): Promise<T[]> {
  const names = await childrenOf(client, root);
  const all = await Promise.all(names.toSorted().map((name) => read(name)));
  return all.filter((one) => one !== undefined);
}

async function childrenOf(client: ZooKeeper, path: string): Promise<readonly string[]> {
  try {
    return (await client.children(path)).children;
  } catch (error) {
    if (isNoNode(error)) return [];
    throw error;
  }
}

async function readRecord(
  client: ZooKeeper,
  path: string,
): Promise<Readonly<Record<string, unknown>> | undefined | 'gone'> {
  try {
    const { data } = await client.get(path);
    return JSON.parse(data.toString()) as Record<string, unknown>;
  } catch (error) {
    if (isNoNode(error)) return 'gone';
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
