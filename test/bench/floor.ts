/**
 * The least that any launcher could do, to tell what the machine, ZooKeeper and the load leave to be
 * won: it launches nothing, waits for nothing and protects nothing. A node is made ready at once, its
 * request is fulfilled, and the node is deleted when its user gives the lock back. A read and two
 * writes a request, one with nodes that wait ready; one write a used node.
 *
 * Started as a launcher is by `npm run bench launcher -- --floor`; only that uses it.
 */
import { parseArgs } from 'node:util';
import type { Config } from '../../schemas/config/model.ts';
import { newNode, type NodeRecord } from '../../schemas/records/node.ts';
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
/** Of the configuration that the measurement writes. */
const LABEL = 'fake-label';
const now = (): number => systemClock.now() / 1000;
const encode = (record: object): Buffer => Buffer.from(JSON.stringify(record));

async function connect(config: Config): Promise<ZooKeeperClient> {
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

function node(fields: Partial<NodeRecord>): Buffer {
  const own = { provider: 'fake-provider', pool: 'main', type: [LABEL], launcher: ID };
  const machine = { interface_ip: 'fake', external_id: 'fake', state: 'ready' as const };
  return encode(newNode({ ...own, ...machine, ...fields }, now()));
}

/** Makes ready nodes in one write; answers their ids. */
async function makeNodes(
  client: ZooKeeperClient,
  count: number,
  fields: Partial<NodeRecord>,
): Promise<string[]> {
  const make: MultiOp = {
    ...{ op: 'create', path: `${NODES}/`, data: node(fields) },
    mode: 'persistentSequential',
  };
  const made = await client.multi(Array.from({ length: count }, () => make));
  return made.map((one) => (one.op === 'create' ? one.path.slice(NODES.length + 1) : ''));
}

async function serve(client: ZooKeeperClient, id: string, standby: string[]): Promise<void> {
  const { data } = await client.get(requestPath(id));
  const record: RequestRecord = requestSchema.parse(JSON.parse(data.toString()));
  const { tenant_name, requestor } = record;
  const reserved = { allocated_to: id, tenant_name, requestor };
  const count = record.node_types.length;
  const ready = standby.length >= count ? standby.splice(0, count) : undefined;
  const nodes = ready ?? (await makeNodes(client, count, reserved));
  const fulfilled = encode({ ...record, state: 'fulfilled', state_time: now(), nodes });
  await client.multi([
    ...(ready ?? []).map((one): MultiOp => {
      return { op: 'set', path: nodePath(one), data: node(reserved) };
    }),
    { op: 'set', path: requestPath(id), data: fulfilled },
  ]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { c: { type: 'string', short: 'c' } }, strict: false });
  const { config } = await loadConfig({ path: String(values.c), environment: process.env });
  const client = await connect(config);
  const standby: string[] = [];
  const run = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
    });
  };
  for (const path of [REQUESTS, NODES, componentRoot('pool')]) await client.ensurePath(path);
  await client.addWatch(REQUESTS, 'persistentRecursive', ({ type, path }) => {
    const id = path.slice(REQUESTS.length + 1);
    if (type === 'created' && id !== '') run(serve(client, id, standby));
  });
  await client.addWatch(NODES, 'persistentRecursive', ({ type, path }) => {
    const [id = '', lock, child] = path.slice(NODES.length + 1).split('/');
    if (type !== 'deleted' || lock === undefined || child === undefined) return;
    const deletes = [nodeLockPath(id), nodePath(id)];
    run(client.multi(deletes.map((one) => ({ op: 'delete', path: one }))));
  });
  const minReady = config.labels.get(LABEL)?.minReady ?? 0;
  if (minReady > 0) standby.push(...(await makeNodes(client, minReady, {})));
  const pool = {
    ...{ hostname: 'floor', kind: 'pool', state: 'running', version: '0', model_api: 0 },
    ...{ id: ID, name: 'main', provider_name: 'fake-provider', priority: 100, paused: false },
    supported_labels: [LABEL],
  };
  await client.create(`${componentRoot('pool')}/floor`, encode(pool), {
    mode: 'ephemeralSequential',
  });
}

await main();
