/**
 * Writes what is there before a launcher starts: nodes, the locks of those in use, and requests. Also
 * plays Zuul for the one thing that is measured: to give back a node.
 *
 * What is written, and in which order, follows zuul/zk/nodepool.py.
 */
import { randomUUID } from 'node:crypto';
import { newNode, type NodeRecord } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { NODES, nodeLockPath, REQUESTS } from '../../../shared/store/paths.ts';
import type { ZooKeeper } from '../../../shared/zookeeper/types.ts';
import { labelOfNode, type Layout, type PoolPlan } from './layout.ts';

/** A node in use, with what it takes to give it back. */
export interface UsedNode {
  readonly id: string;
  readonly pool: PoolPlan;
  readonly record: NodeRecord;
  readonly lockChild: string;
}

/** Writes under way at once. */
const AT_ONCE = 200;
const PRIORITIES = ['100', '200', '300'];
const RELATIVE_PRIORITIES = 10;

export async function fillNodes(client: ZooKeeper, layout: Layout): Promise<UsedNode[]> {
  const used: UsedNode[] = [];
  const wanted = layout.pools.flatMap((pool) =>
    Array.from({ length: pool.nodes }, (_, index) => ({ pool, label: labelOfNode(pool, index) })),
  );
  await inPortions(wanted, async ({ pool, label }) => {
    const record = nodeRecord(pool, label);
    const { path } = await client.create(`${NODES}/`, encode(record), {
      mode: 'persistentSequential',
    });
    const id = path.slice(NODES.length + 1);
    // A node's lock znode exists once it was locked, and stays.
    const lock = nodeLockPath(id);
    const child = `${lock}/${randomUUID().replaceAll('-', '')}__lock__`;
    const results = await client.multi([
      { op: 'create', path: lock },
      ...(pool.isStandby
        ? []
        : [{ op: 'create', path: child, mode: 'ephemeralSequential' } as const]),
    ]);
    const made = results[1];
    if (made?.op === 'create') used.push({ id, pool, record, lockChild: made.path });
  });
  return used;
}

export async function fillRequests(
  client: ZooKeeper,
  labels: readonly string[],
  count: number,
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  await inPortions(numbers, async (number) => {
    const record = newRequest(
      {
        node_types: [labels[number % labels.length] ?? ''],
        requestor: 'bench',
        requestor_data: null,
        tenant_name: 'bench-tenant',
        event_id: randomUUID().replaceAll('-', ''),
        // Neighbours of one label differ, so that the order of service is not that of arrival.
        relative_priority: Math.floor(number / labels.length) % RELATIVE_PRIORITIES,
      },
      Date.now() / 1000,
    );
    const priority = PRIORITIES[number % PRIORITIES.length] ?? '';
    await client.create(`${REQUESTS}/${priority}-`, encode(record), {
      mode: 'persistentSequential',
    });
  });
}

/** Sets the node `used` and unlocks it, as Zuul does: its room comes free once it is deleted. */
export async function giveBack(client: ZooKeeper, node: UsedNode): Promise<void> {
  const record = { ...node.record, state: 'used', state_time: Date.now() / 1000 };
  await client.set(`${NODES}/${node.id}`, encode(record));
  await client.delete(node.lockChild);
}

function nodeRecord(pool: PoolPlan, label: string): NodeRecord {
  const now = Date.now() / 1000;
  return newNode(
    {
      state: pool.isStandby ? 'ready' : 'in-use',
      provider: pool.provider,
      pool: pool.pool,
      type: [label],
      launcher: 'fill',
      external_id: `fill-${randomUUID()}`,
      interface_ip: '192.0.2.1',
      public_ipv4: '192.0.2.1',
      private_ipv4: '192.0.2.1',
      connection_type: 'ssh',
      host_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFillFillFillFillFillFillFillFillFillFill'],
      python_path: 'auto',
      cloud: 'fake',
      region: 'fake-region',
      az: 'az1',
      image_id: 'fake-image',
      resources: { instances: 1, cores: 4, ram: 8192 },
      ...(pool.isStandby ? {} : { tenant_name: 'bench-tenant', requestor: 'bench' }),
    },
    now,
  );
}

async function inPortions<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(all.slice(from, from + AT_ONCE).map(work));
  }
}

function encode(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}
