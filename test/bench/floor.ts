/**
 * The least that any launcher could do, to tell what the machine, ZooKeeper and the load leave to be
 * won: it launches nothing, waits for nothing and protects nothing. A node is made ready at once, its
 * request is fulfilled, and the node is deleted when its user gives the lock back. Two writes and a
 * read a request, one write a used node.
 *
 * Started as a launcher is by `npm run bench launcher -- --floor`; only that uses it.
 */
import { parseArgs } from 'node:util';
import { newNode } from '../../schemas/records/node.ts';
import { requestSchema, type RequestRecord } from '../../schemas/records/request.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { silentLogger } from '../../shared/base/log.ts';
import { loadConfig } from '../../shared/config/load.ts';
import {
  componentRoot,
  NODES,
  nodeLockPath,
  nodePath,
  requestPath,
  REQUESTS,
} from '../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { connectString } from '../../shared/config/zookeeper.ts';
import type { MultiOp } from '../../shared/zookeeper/types.ts';

const ID = 'floor-PoolWorker.fake-provider-main-0';
const now = (): number => systemClock.now() / 1000;
const encode = (record: object): Buffer => Buffer.from(JSON.stringify(record));

async function connect(path: string): Promise<ZooKeeperClient> {
  const { config } = await loadConfig({ path, environment: process.env });
  const { servers, tls, timeoutSeconds } = config.zookeeper;
  const client = new ZooKeeperClient({
    connectString: connectString(servers),
    sessionTimeoutMs: timeoutSeconds * 1000,
    tls,
    log: silentLogger,
  });
  await client.start(new AbortController().signal);
  return client;
}

async function serve(client: ZooKeeperClient, path: string): Promise<void> {
  const { data } = await client.get(path);
  const record = requestSchema.parse(JSON.parse(data.toString())) as RequestRecord;
  const id = path.slice(REQUESTS.length + 1);
  const makes = record.node_types.map((label): MultiOp => {
    const node = newNode(
      {
        ...{ state: 'ready', provider: 'fake-provider', pool: 'main', type: [label] },
        ...{ launcher: ID, allocated_to: id, tenant_name: record.tenant_name },
        ...{ interface_ip: 'fake', external_id: 'fake', requestor: record.requestor },
      },
      now(),
    );
    return {
      ...{ op: 'create', path: `${NODES}/`, data: encode(node) },
      mode: 'persistentSequential',
    };
  });
  const made = await client.multi(makes);
  const nodes = made.map((one) => (one.op === 'create' ? one.path.slice(NODES.length + 1) : ''));
  const fulfilled = { ...record, state: 'fulfilled', state_time: now(), nodes };
  await client.set(requestPath(id), encode(fulfilled));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { c: { type: 'string', short: 'c' } }, strict: false });
  const client = await connect(String(values.c));
  const run = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
    });
  };
  for (const path of [REQUESTS, NODES, componentRoot('pool')]) await client.ensurePath(path);
  await client.addWatch(REQUESTS, 'persistentRecursive', ({ type, path }) => {
    if (type === 'created' && path !== REQUESTS) run(serve(client, path));
  });
  await client.addWatch(NODES, 'persistentRecursive', ({ type, path }) => {
    const [id = '', lock, child] = path.slice(NODES.length + 1).split('/');
    if (type !== 'deleted' || lock === undefined || child === undefined) return;
    const deletes = [nodeLockPath(id), nodePath(id)];
    run(client.multi(deletes.map((one) => ({ op: 'delete', path: one }))));
  });
  const pool = {
    ...{ hostname: 'floor', kind: 'pool', state: 'running', version: '0', model_api: 0 },
    ...{ id: ID, name: 'main', provider_name: 'fake-provider', priority: 100, paused: false },
    supported_labels: ['fake-label'],
  };
  await client.create(`${componentRoot('pool')}/floor`, encode(pool), {
    mode: 'ephemeralSequential',
  });
}

await main();
