/**
 * Our launcher and Python Nodepool's on one ZooKeeper, both serving the same label from providers of
 * different names, under the load of Zuul's own classes: nothing is lost, nothing is handed out twice,
 * both have their share, and nothing is left.
 */
import assert from 'node:assert/strict';
import type { RunningDaemon } from '../../fixtures/processes/daemon.ts';
import { LEFT_TO_OTHERS_SECONDS } from '../../launcher/assignment/decide.ts';
import type { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { drainCli } from '../support/drain-desk.ts';
import { eventually } from '../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../support/launcher-in-process.ts';
import { config, fakeProvider } from '../support/launcher-scene.ts';
import { peersOrSkip } from '../support/peers.ts';
import { PythonScene, START_MS } from '../support/python-scene.ts';
import { startZuulLoad, type LoadResult } from '../support/zuul-load.ts';
import type { ZuulSide } from '../support/zuul-side.ts';

/** As many as a launcher may make at a time, so that one alone is too slow for the load. */
const MAX_SERVERS = 10;

describe('beside a launcher of Python Nodepool, ours', function () {
  this.timeout(150_000);
  let scene: PythonScene;
  let python: RunningDaemon;
  let ours: InProcessLauncher;
  let client: ZooKeeperClient;
  let zuul: ZuulSide;

  before(async function () {
    scene = await PythonScene.open(await peersOrSkip(this));
    ({ client, zuul } = scene);
    ours = await launchInProcess({
      connectString: scene.zookeeper.plainHosts,
      config: sections('ours'),
      hostname: 'ours-host',
    });
    python = await scene.startPython(sections('python'));
    await scene.untilPools(2, () => python.tail());
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (ours as InProcessLauncher | undefined)?.stop();
    await (python as RunningDaemon | undefined)?.stop(0);
    await (scene as PythonScene | undefined)?.close();
  });

  function load(...args: string[]): Promise<LoadResult & { readonly code: number | null }> {
    const { tlsHosts, tls } = scene.zookeeper;
    return startZuulLoad(scene.peers, [
      ...['--hosts', tlsHosts, '--tls-ca', tls.ca, '--tls-cert', tls.cert, '--tls-key', tls.key],
      ...['--arrival', 'closed:20', '--hold', '0.5', '--wait-pools', '2', '--settle', '0'],
      ...['--timeout', '90', ...args],
    ]).result;
  }

  it('serves its share of a load of which nothing is lost or handed out twice', async () => {
    const shares = new Map<string, Set<string>>();
    const watch = await client.addWatch('/nodepool/nodes', 'persistentRecursive', ({ path }) => {
      const id = /^\/nodepool\/nodes\/(\d+)$/.exec(path)?.[1];
      if (id === undefined) return;
      void zuul.node(id).then((node) => {
        count(shares, id, node?.provider);
      });
    });
    const results = await Promise.all([
      // Requests for one node of both, or of what only one of them has; and for several nodes of both.
      load('--requests', '60', '--label', 'fake-label=2,python-label,ours-label'),
      load('--requests', '30', '--label', 'fake-label', '--nodes', '1,2,3'),
    ]);
    await watch.close();
    for (const result of results) {
      assert.deepEqual(result.violation_samples, []);
      assert.equal(result.fulfilled, result.submitted);
      assert.equal(result.code, 0);
    }
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

  it('is drained while Python’s goes on, which is told of a provider that it would have to drain', async () => {
    const { plainHosts } = scene.zookeeper;
    const serve = async (label: string): Promise<unknown> => {
      const id = await zuul.submit([label]);
      const { nodes } = await zuul.untilState(id, 'fulfilled', START_MS);
      const [node = ''] = nodes as string[];
      const provider = (await zuul.node(node))?.provider;
      await (await zuul.use(id, [node])).giveBack();
      return provider;
    };
    const drained = await drainCli(plainHosts, 'ours');
    assert.deepEqual([drained.code, drained.err], [0, '']);
    const waiting = await zuul.submit(['ours-label']);
    // Python's leaves a request to a provider that is asked for while that has not declined it.
    const since = Date.now() / 1000 - LEFT_TO_OTHERS_SECONDS;
    const preferring = await zuul.submit(['fake-label'], { provider: 'ours', state_time: since });
    for (let count = 0; count < 3; count++) assert.equal(await serve('fake-label'), 'python');
    const deaf = await drainCli(plainHosts, 'python');
    assert.equal(deaf.code, 0);
    assert.match(deaf.err, /\(version \d+\..*python-main.*\n.*max-servers: 0/);
    assert.equal(await serve('python-label'), 'python');
    await drainCli(plainHosts, 'python', '--undo');
    assert.equal((await zuul.request(waiting))?.state, 'requested');
    await eventually(async () => {
      const declined = (await zuul.request(preferring))?.declined_by as string[];
      assert.equal(declined.length, 1, 'ours says no, so that Python’s need not wait for it');
    });
    const { nodes } = await zuul.untilState(preferring, 'fulfilled', START_MS);
    await (await zuul.use(preferring, nodes as string[])).giveBack();
    await drainCli(plainHosts, 'ours', '--undo');
    const served = await zuul.untilState(waiting, 'fulfilled', START_MS);
    await (await zuul.use(waiting, served.nodes as string[])).giveBack();
    assert.doesNotMatch(await python.tail(), /Traceback/);
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
