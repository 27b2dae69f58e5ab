/**
 * Backing nodes change hands between Python Nodepool's launcher and ours, in both directions, while
 * slots of them are in use: each goes on with the records, locks and slots that the other left.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningDaemon } from '../../fixtures/processes/daemon.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { eventually } from '../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../support/launcher-in-process.ts';
import { config, fakeProvider } from '../support/launcher-scene.ts';
import {
  backingData,
  lockHolders,
  metastaticProvider,
  OWNER,
  slotNode,
  type SlotNode,
} from '../support/metastatic-scene.ts';
import { peersOrSkip, type Peers } from '../support/peers.ts';
import { startPythonLauncher } from '../support/python-launcher.ts';
import { ZuulSide, type InUse } from '../support/zuul-side.ts';

const START_MS = 60_000;
const SLOTS = config({ providers: [metastaticProvider()] });

interface User extends SlotNode {
  readonly use: InUse;
}

describe('backing nodes of a metastatic provider', function () {
  this.timeout(150_000);
  let peers: Peers;
  let folder: string;
  let zookeeper: RunningZooKeeper;
  let cloud: InProcessLauncher;
  let client: ZooKeeperClient;
  let zuul: ZuulSide;
  let running: { stop(graceMs?: number): Promise<unknown> } | undefined;

  before(async function () {
    peers = await peersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'nodepool-backing-'));
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 1000 });
    client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
    zuul = new ZuulSide(client);
    await client.start(AbortSignal.timeout(START_MS));
    cloud = await launchInProcess({
      connectString: zookeeper.plainHosts,
      config: config({ providers: [fakeProvider({ labels: ['host'] })] }),
      hostname: 'cloud-host',
    });
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (cloud as InProcessLauncher | undefined)?.stop();
    await (client as ZooKeeperClient | undefined)?.close();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function startOurs(): Promise<void> {
    const { plainHosts } = zookeeper;
    running = await launchInProcess({ connectString: plainHosts, config: SLOTS, hostname: 'ours' });
    await untilPools(2);
  }

  async function startPython(): Promise<void> {
    const { tlsHosts, tls } = zookeeper;
    const [host = '', port = ''] = tlsHosts.split(':');
    const configPath = join(folder, 'nodepool.yaml');
    const text = JSON.stringify({
      'zookeeper-servers': [{ host, port: Number(port) }],
      'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
      ...SLOTS,
    });
    await writeFile(configPath, text);
    const python: RunningDaemon = await startPythonLauncher({ peers, workDir: folder, configPath });
    running = python;
    await untilPools(2, () => python.tail());
  }

  async function untilPools(count: number, tail?: () => Promise<string>): Promise<void> {
    await eventually(async () => {
      assert.equal((await zuul.components('pool')).length, count, await tail?.());
    }, START_MS);
  }

  /** Stops the launcher that has the slots, in order; what is in use stays so. */
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
    await untilPools(1);
  }

  async function useSlot(): Promise<User> {
    const id = await zuul.submit(['slot']);
    const { nodes } = await zuul.untilState(id, 'fulfilled', START_MS);
    const use = await zuul.use(id, nodes as string[]);
    return { use, ...(await slotNode(zuul, (nodes as string[])[0] ?? '')) };
  }

  async function giveBackAll(users: readonly User[]): Promise<void> {
    await Promise.all(users.map(({ use }) => use.giveBack()));
    await eventually(async () => {
      assert.deepEqual(await zuul.nodeIds(), []);
    }, START_MS);
  }

  for (const [direction, first, second] of [
    ['from Python to ours', startPython, startOurs],
    ['from ours to Python', startOurs, startPython],
  ] as const)
    it(`change hands ${direction}`, async () => {
      await first();
      const before = await useSlot();
      const backing = await zuul.node(before.backing);
      assert.ok(backing);
      await stop();
      assert.deepEqual(await lockHolders(zuul, before.backing), [OWNER]);
      await second();
      const after = [await useSlot(), await useSlot()];
      const slots = [before, ...after].map(({ slot }) => slot);
      assert.deepEqual(new Set([before, ...after].map((user) => user.backing)).size, 1);
      assert.deepEqual(slots.toSorted(), [0, 1, 2]);
      // The record of the backing node has not changed in between, but for its version.
      assert.deepEqual(await zuul.node(before.backing), backing);
      const other = await useSlot();
      assert.notEqual(other.backing, before.backing);
      await sameForm(before, other);
      await giveBackAll([before, ...after, other]);
      await stop();
    });

  /** Both kinds write the same fields with the same kinds of values. */
  async function sameForm(a: SlotNode, b: SlotNode): Promise<void> {
    assert.deepEqual(formOf(ofSlot(a)), formOf(ofSlot(b)));
    const [one, two] = [await zuul.node(a.backing), await zuul.node(b.backing)];
    assert.ok(one && two);
    assert.deepEqual(formOf(one), formOf(two));
    assert.deepEqual(formOf(backingData(one)), formOf(backingData(two)));
    assert.deepEqual(await lockHolders(zuul, b.backing), [OWNER]);
  }
});

/** Its image is nobody's: the original writes the word `unused`, ours nothing. */
function ofSlot({ record }: SlotNode): Record<string, unknown> {
  return { ...record, image_id: null };
}

/** Keys with the types of their values, in depth. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]): [string, unknown] => [key, formOf(one)])
      .sort(([one], [two]) => (one < two ? -1 : 1)),
  );
}
