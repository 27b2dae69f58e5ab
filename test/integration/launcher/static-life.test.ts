/**
 * What happens to static hosts while a launcher runs as a process: they go away and come back, and the
 * file changes while somebody uses them. All of it as the znodes show it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcherProgram, startLauncher } from '../../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config } from '../../support/launcher-scene.ts';
import { connect, uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide, type ZnodeRecord } from '../../support/zuul-side.ts';

/** A host that did not answer is asked again after 5 s, then 10 s; a loaded machine takes its time. */
const PATIENCE_MS = 60_000;

interface Play {
  readonly zuul: ZuulSide;
  readonly daemon: RunningDaemon;
  /** Replaces the configuration file. */
  readonly rewrite: (hosts: readonly ZnodeRecord[]) => Promise<void>;
}

async function play(
  hosts: readonly ZnodeRecord[],
  steps: (play: Play) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-static-'));
  removeWithUs(folder);
  const path = join(folder, 'nodepool.yaml');
  const chroot = uniqueChroot('static');
  const client = await connect(chroot);
  const [host = '', port = ''] = (await zookeeper()).plainHosts.split(':');
  const rewrite = async (nodes: readonly ZnodeRecord[]): Promise<void> => {
    const rack = { name: 'rack', driver: 'static', pools: [{ name: 'main', nodes }] };
    const sections = {
      'zookeeper-servers': [{ host, port: Number(port), chroot }],
      ...config({ providers: [rack] }),
    };
    await writeFile(`${path}.new`, JSON.stringify(sections));
    await rename(`${path}.new`, path);
  };
  await rewrite(hosts);
  const daemon = await startLauncher({ workDir: folder, configPath: path, args: ['--no-webapp'] });
  try {
    await steps({ zuul: new ZuulSide(client), daemon, rewrite });
    assert.equal(await daemon.stop(), 0);
  } catch (error) {
    if (error instanceof Error)
      error.stack = `${error.stack ?? ''}\n--- launcher:\n${await daemon.tail(40)}`;
    throw error;
  } finally {
    await daemon.stop(0);
    await client.close();
    await removeNow(folder);
  }
}

function hostAt(server: RunningSshServer, fields: ZnodeRecord = {}): ZnodeRecord {
  return {
    ...{ name: '127.0.0.1', labels: ['metal'], username: 'zuul', timeout: 1 },
    'connection-port': server.port,
    ...fields,
  };
}

/** Waits until there are exactly so many nodes, all free; answers them by id. */
async function untilFree(zuul: ZuulSide, count: number): Promise<Map<string, ZnodeRecord>> {
  let nodes = new Map<string, ZnodeRecord>();
  await eventually(async () => {
    nodes = await zuul.nodes();
    const found = [...nodes.values()].map((node) => [node.state, node.allocated_to]);
    assert.deepEqual(found, Array<unknown>(count).fill(['ready', null]));
  }, PATIENCE_MS);
  return nodes;
}

/** Waits until the launcher has asked the host and has had no answer. */
async function untilMissed(daemon: RunningDaemon): Promise<void> {
  await eventually(async () => {
    assert.match(await daemon.tail(200), /host not registered; it is asked again/);
  }, PATIENCE_MS);
}

describe('a static host, for a launcher that runs as a process,', () => {
  let server: RunningSshServer;
  before(function () {
    if (launcherProgram() !== undefined) return;
    console.log('      skipped: the launcher is not built');
    this.skip();
  });
  beforeEach(async () => {
    server = await startSshServer();
  });
  afterEach(() => server.stop());

  it('that goes away is withdrawn when it is wanted, and serves the request when it is back', () =>
    play([hostAt(server)], async ({ zuul, daemon }) => {
      const [before = ''] = (await untilFree(zuul, 1)).keys();
      await server.stop();
      const request = await zuul.submit(['metal']);
      await zuul.untilGone([before]);
      await untilMissed(daemon);
      assert.deepEqual(await zuul.nodeIds(), []);
      assert.equal((await zuul.request(request))?.state, 'requested');
      // It was installed anew: what counts is the key that it has now.
      server = await startSshServer({ port: server.port });
      const { nodes } = await zuul.untilState(request, 'fulfilled', PATIENCE_MS);
      const [after = ''] = nodes as string[];
      assert.notEqual(after, before);
      assert.deepEqual((await zuul.node(after))?.host_keys, server.hostKeys);
      await zuul.cancel(request);
      await untilFree(zuul, 1);
    }));

  it('that goes away in use stays until it is given back, and is registered when it is back', () =>
    play([hostAt(server, { 'max-parallel-jobs': 2 })], async ({ zuul, daemon }) => {
      await untilFree(zuul, 2);
      const { id, nodes } = await zuul.ask(['metal', 'metal']);
      const using = await zuul.use(id, nodes);
      const records = await zuul.nodes();
      await server.stop();
      const next = await zuul.submit(['metal', 'metal']);
      // Once this one has its answer, the launcher has looked at the one before it, too.
      await zuul.untilState(await zuul.submit(['metal', 'metal', 'metal']), 'failed');
      assert.deepEqual(await zuul.nodes(), records);
      await using.giveBack();
      await zuul.untilGone(nodes);
      await untilMissed(daemon);
      assert.deepEqual(await zuul.nodeIds(), []);
      server = await startSshServer({ port: server.port });
      const record = await zuul.untilState(next, 'fulfilled', PATIENCE_MS);
      const slots = await Promise.all(
        (record.nodes as string[]).map(async (node) => (await zuul.node(node))?.slot),
      );
      assert.deepEqual(slots.toSorted(), [0, 1]);
      await zuul.cancel(next);
      await untilFree(zuul, 2);
    }));

  it('whose labels change while it is in use keeps them until it is given back', () =>
    play([hostAt(server)], async ({ zuul, rewrite }) => {
      const [node = ''] = (await untilFree(zuul, 1)).keys();
      const { id, nodes } = await zuul.ask(['metal']);
      const using = await zuul.use(id, nodes);
      const record = await zuul.node(node);
      await rewrite([hostAt(server, { labels: ['tin', 'lead'] })]);
      await eventually(async () => {
        const [pool] = await zuul.components('pool');
        assert.deepEqual(pool?.supported_labels, ['tin', 'lead']);
      });
      await zuul.untilState(await zuul.submit(['metal']), 'failed');
      const waiting = await zuul.submit(['lead']);
      assert.deepEqual(await zuul.nodes(), new Map([[node, record]]));
      await using.giveBack();
      const served = await zuul.untilState(waiting, 'fulfilled');
      const next = await zuul.node((served.nodes as string[])[0] ?? '');
      assert.deepEqual(next?.type, ['tin', 'lead']);
      await zuul.untilGone([node]);
      await zuul.cancel(waiting);
      await untilFree(zuul, 1);
    }));
});
