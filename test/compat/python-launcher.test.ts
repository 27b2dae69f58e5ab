/**
 * Our launcher and Python Nodepool's on one ZooKeeper, both serving the same label from providers of
 * different names, under the load of Zuul's own classes: nothing is lost, nothing is handed out twice,
 * both have their share, and nothing is left.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs } from '../../fixtures/processes/reaper.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { eventually } from '../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../support/launcher-in-process.ts';
import { config, fakeProvider } from '../support/launcher-scene.ts';
import { findPeers, type Peers } from '../support/peers.ts';
import { startZuulLoad } from '../support/zuul-load.ts';
import { ZuulSide } from '../support/zuul-side.ts';

const START_MS = 60_000;
const REQUESTS = 80;

/** As many as a launcher may make at a time, so that one alone is too slow for the load. */
const MAX_SERVERS = 10;

describe('beside a launcher of Python Nodepool, ours', function () {
  this.timeout(150_000);
  let peers: Peers;
  let folder: string;
  let zookeeper: RunningZooKeeper;
  let python: ChildProcess;
  let ours: InProcessLauncher;
  let client: ZooKeeperClient;
  let zuul: ZuulSide;

  before(async function () {
    const found = await findPeers();
    if (found === undefined) {
      console.log('      skipped: no shared tools with a Python Nodepool');
      this.skip();
    }
    peers = found;
    folder = await mkdtemp(join(tmpdir(), 'nodepool-beside-'));
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 1000 });
    client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
    zuul = new ZuulSide(client);
    await client.start(AbortSignal.timeout(START_MS));
    ours = await launchInProcess({
      connectString: zookeeper.plainHosts,
      config: sections('ours'),
      hostname: 'ours-host',
    });
    python = await startPython(peers, folder, zookeeper);
    await eventually(async () => {
      const pools = await zuul.components('pool');
      assert.equal(pools.length, 2, await endOfLog(folder));
    }, START_MS);
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (ours as InProcessLauncher | undefined)?.stop();
    if (python as ChildProcess | undefined) await end(python);
    await (client as ZooKeeperClient | undefined)?.close();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('serves its share of a load of which nothing is lost or handed out twice', async () => {
    const shares = new Map<string, Set<string>>();
    const watch = await client.addWatch('/nodepool/nodes', 'persistentRecursive', ({ path }) => {
      const id = /^\/nodepool\/nodes\/(\d+)$/.exec(path)?.[1];
      if (id === undefined) return;
      void zuul.node(id).then((node) => {
        count(shares, id, node?.provider);
      });
    });
    const { tlsHosts, tls } = zookeeper;
    const load = startZuulLoad(peers, [
      ...['--hosts', tlsHosts, '--tls-ca', tls.ca, '--tls-cert', tls.cert, '--tls-key', tls.key],
      ...['--requests', String(REQUESTS), '--arrival', 'closed:40', '--hold', '0.5'],
      ...['--wait-pools', '2', '--timeout', '90', '--settle', '0'],
    ]);
    const result = await load.result;
    await watch.close();
    assert.deepEqual(result.violation_samples, []);
    assert.equal(result.code, 0);
    assert.equal(result.fulfilled, REQUESTS);
    const sizes = Object.fromEntries([...shares].map(([name, ids]) => [name, ids.size]));
    console.log(`      nodes of each: ${JSON.stringify(sizes)}`);
    assert.ok((sizes.ours ?? 0) > 0 && (sizes.python ?? 0) > 0, JSON.stringify(sizes));
  });

  /**
   * Locks but those of Python's launcher: it keeps the lock of a request that went away while it
   * asked for it until its session ends (a defect of the original).
   */
  async function ourLocks(): Promise<string[]> {
    const session = ours.launcher.store.client.session?.id;
    const held: string[] = [];
    for (const path of await zuul.heldLocks()) {
      const isOfRequest = path.startsWith('/nodepool/requests-lock/');
      const owner = (await client.exists(path))?.ephemeralOwner;
      if (owner !== undefined && (!isOfRequest || owner === session)) held.push(path);
    }
    return held;
  }

  it('leaves nothing when all is given back', async () => {
    await eventually(async () => {
      assert.deepEqual(await zuul.requestIds(), []);
      assert.deepEqual(await zuul.nodeIds(), []);
      assert.deepEqual(await ourLocks(), []);
    }, START_MS);
    assert.deepEqual(ours.cloud('ours').servers, []);
  });

  it('does not fail what only the other one can serve, nor the other way round', async () => {
    for (const [label, provider] of [
      ['python-label', 'python'],
      ['ours-label', 'ours'],
    ] as const) {
      const id = await zuul.submit([label]);
      const { nodes } = await zuul.untilState(id, 'fulfilled', START_MS);
      assert.equal((await zuul.node((nodes as string[])[0] ?? ''))?.provider, provider);
      await (await zuul.use(id, nodes as string[])).giveBack();
    }
  });

  it('declines what nobody can serve, which fails once both have', async () => {
    const id = await zuul.submit(['nowhere']);
    const record = await zuul.untilState(id, 'failed', START_MS);
    assert.equal((record.declined_by as string[]).length, 2);
  });
});

function count(shares: Map<string, Set<string>>, id: string, provider: unknown): void {
  if (typeof provider !== 'string') return;
  const ids = shares.get(provider) ?? new Set<string>();
  shares.set(provider, ids.add(id));
}

function sections(name: string): Record<string, unknown> {
  return config({
    providers: [
      fakeProvider({
        name,
        labels: ['fake-label', `${name}-label`],
        pool: { 'max-servers': MAX_SERVERS },
      }),
    ],
  });
}

async function startPython(
  peers: Peers,
  folder: string,
  { tlsHosts, tls }: RunningZooKeeper,
): Promise<ChildProcess> {
  const [host = '', port = ''] = tlsHosts.split(':');
  const path = join(folder, 'nodepool.yaml');
  const text = {
    'zookeeper-servers': [{ host, port: Number(port) }],
    'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
    ...sections('python'),
  };
  await writeFile(path, JSON.stringify(text));
  const clouds = join(folder, 'clouds.yaml');
  const auth = { username: 'fake', password: 'fake', project_id: 'fake', auth_url: 'http://fake' };
  await writeFile(clouds, JSON.stringify({ clouds: { fake: { auth } } }));
  const log = await open(join(folder, 'python.log'), 'a');
  const program = join(peers.tools, 'nodepool-bench-launcher.py');
  const child = spawn(
    peers.nodepoolPython,
    [program, '-f', '--no-webapp', '-c', path, '-p', join(folder, 'python.pid')],
    {
      cwd: folder,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, OS_CLIENT_CONFIG_FILE: clouds },
    },
  );
  endWithUs(child);
  await log.close();
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function endOfLog(folder: string): Promise<string> {
  return (await readFile(join(folder, 'python.log'), 'utf8')).split('\n').slice(-20).join('\n');
}
