/**
 * What our launcher and Python's tell statsd of the same contents of ZooKeeper and the same life of a
 * node: the same keys of the same types, and the same values where they are no times. Only one of them
 * tells of nodes at a time, whoever won the election that both contend.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';

import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { STATS_ELECTION } from '../../../shared/store/paths.ts';
import { metricsFromEnvironment } from '../../../shared/telemetry/statsd.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config, fakeProvider } from '../../support/launcher-scene.ts';
import { node } from '../../support/launcher-world.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { PythonScene, START_MS } from '../../support/python-scene.ts';
import { StatsdListener } from '../../support/statsd-listener.ts';

const PROVIDER = 'cloud.example';
const LABEL = 'debian-12.5';
const SECTIONS = config({
  providers: [
    fakeProvider({ name: PROVIDER, labels: [LABEL, 'small'] }),
    fakeProvider({ name: 'other', labels: ['small'] }),
  ],
  extra: {
    'tenant-resource-limits': [
      { 'tenant-name': 'acme.org', 'max-cores': 8, 'max-volume-gb': 7 },
      { 'tenant-name': 'tenant-one', 'max-servers': 90 },
    ],
  },
});
/** Only the elected one tells these. */
const OF_THE_ELECTED = /^nodepool\.(nodes|label\..*|provider\..*)\.[a-z_-]+$/;

describe('what our launcher tells statsd, beside what Python’s tells', function () {
  this.timeout(150_000);
  let scene: PythonScene;
  let statsd: { readonly ours: StatsdListener; readonly python: StatsdListener };
  let ours: InProcessLauncher | undefined;
  let python: RunningDaemon | undefined;

  before(async function () {
    scene = await PythonScene.open(await peersOrSkip(this));
    statsd = { ours: await StatsdListener.open(), python: await StatsdListener.open() };
    for (let i = 0; i < 2; i++) await makeNode({});
    await makeNode({ type: [LABEL, 'foreign'], provider: 'foreign.cloud' });
    await makeNode({ type: ['small'], provider: null, pool: null });
    // Neither serves nor removes these.
    for (const labels of [[LABEL], ['small'], ['small', LABEL], ['nowhere']])
      await scene.zuul.submit(labels, { state: 'fulfilled' });
  });
  after(async () => {
    await ours?.stop();
    await python?.stop(0);
    // Nothing was started where the whole was skipped.
    const opened = statsd as typeof statsd | undefined;
    opened?.ours.close();
    opened?.python.close();
    await (scene as PythonScene | undefined)?.close();
  });

  /** One on hold: nobody touches it. */
  async function makeNode(fields: Parameters<typeof node>[0]): Promise<void> {
    const record = node({ state: 'hold', type: [LABEL], provider: PROVIDER, ...fields });
    await scene.client.ensurePath('/nodepool/nodes');
    const data = Buffer.from(JSON.stringify({ ...record, state_time: Date.now() / 1000 }));
    await scene.client.create('/nodepool/nodes/', data, { mode: 'persistentSequential' });
  }

  /** A change of a node's data that counts for nothing. */
  async function touch(): Promise<void> {
    const [id = ''] = await scene.zuul.nodeIds();
    const path = `/nodepool/nodes/${id}`;
    await scene.client.set(path, (await scene.client.get(path)).data);
  }

  async function liveANode(): Promise<void> {
    const id = await scene.zuul.submit([LABEL, LABEL], { requestor: 'zuul.example:1' });
    const { nodes } = await scene.zuul.untilState(id, 'fulfilled', START_MS);
    await (await scene.zuul.use(id, nodes as string[])).giveBack();
    await eventually(async () => {
      const ids = await scene.zuul.nodeIds();
      const left = await Promise.all(ids.map((one) => scene.zuul.node(one)));
      assert.equal(left.length, 4, JSON.stringify(left));
    }, START_MS);
  }

  /** Gauges of nodes and requests, told anew while nothing goes on. */
  async function still(listener: StatsdListener): Promise<Record<string, string>> {
    for (const key of [...listener.values.keys()])
      if (OF_THE_ELECTED.test(key)) listener.values.delete(key);
    await touch();
    await eventually(() => {
      // What is told last.
      for (const name of [PROVIDER, 'other'])
        assert.ok(listener.values.has(`nodepool.provider.${name}.pool.main.addressable_requests`));
      assert.ok(listener.values.has('nodepool.provider.other.max_servers'));
    }, START_MS);
    return Object.fromEntries(
      [...listener.values]
        .filter(([name]) => OF_THE_ELECTED.test(name) || name.includes('tenant_limits'))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  function kinds(listener: StatsdListener, host: string): string[] {
    const own = [...listener.kinds].filter((kind) => kind.startsWith('nodepool.'));
    // Each picks a zone by chance.
    const same = own.map((kind) =>
      kind.replace(`.launcher.${host}.`, '.launcher.HOST.').replace(/\.az\d\./, '.AZ.'),
    );
    return [...new Set(same)].toSorted();
  }

  function leader(): Promise<string> {
    return scene.client.children(STATS_ELECTION).then(async ({ children }) => {
      const [first = ''] = children.toSorted((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1));
      return (await scene.client.get(`${STATS_ELECTION}/${first}`)).data.toString();
    });
  }

  async function startOurs(): Promise<InProcessLauncher> {
    const metrics = metricsFromEnvironment(statsd.ours.environment, {
      clock: systemClock,
      log: silentLogger,
    });
    return launchInProcess({
      connectString: scene.zookeeper.plainHosts,
      ...{ config: SECTIONS, hostname: 'ours.example', metrics },
    });
  }

  it('is the same, and one of both tells it', async () => {
    ours = await startOurs();
    await liveANode();
    const told = await still(statsd.ours);
    assert.equal(told[`nodepool.label.${LABEL}.nodes.hold`], '3');
    assert.equal(told['nodepool.label.foreign.nodes.hold'], '1');
    assert.equal(told[`nodepool.provider.${PROVIDER}.pool.main.addressable_requests`], '3');
    assert.equal(await leader(), `ours.example-${process.pid}`);

    python = await scene.startPython(SECTIONS, statsd.python.environment);
    await scene.untilPools(4, () => python?.tail() ?? Promise.resolve(''));
    await eventually(() => {
      assert.ok(statsd.python.kinds.has('nodepool.provider.other.max_servers|g'));
    }, START_MS);
    await touch();
    const ofElected = [...statsd.python.values.keys()].filter(
      (key) => OF_THE_ELECTED.test(key) && !key.endsWith('.max_servers') && !key.includes('.zk.'),
    );
    assert.deepEqual(ofElected, [], 'Python’s is silent while ours has won');

    await ours.stop();
    statsd.ours.values.clear();
    await eventually(async () => {
      assert.match(await leader(), new RegExp(`^${hostname()}-\\d+$`));
    }, START_MS);
    await liveANode();
    assert.deepEqual(await still(statsd.python), told);
    await eventually(() => {
      assert.ok([...statsd.python.kinds].some((kind) => kind.includes('.zk.')));
    }, START_MS);
    assert.deepEqual(kinds(statsd.ours, 'ours.example'), kinds(statsd.python, hostname()));
  });

  it('is told by ours again when Python’s has gone, and not before', async () => {
    ours = await startOurs();
    await scene.untilPools(4);
    await eventually(() => {
      assert.ok(statsd.ours.values.has('nodepool.provider.other.max_servers'));
    }, START_MS);
    await touch();
    assert.ok(!statsd.ours.values.has('nodepool.nodes.hold'));
    await python?.stop();
    await eventually(() => {
      assert.equal(statsd.ours.values.get('nodepool.nodes.hold'), '4');
    }, START_MS);
    assert.equal(await leader(), `ours.example-${process.pid}`);
  });
});
