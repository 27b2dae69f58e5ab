import assert from 'node:assert/strict';

import { FakeZooKeeper } from '../../../../fixtures/fake-zookeeper/client.ts';
import { NodepoolError, ZooKeeperError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { BuildWait, type WaitEnd } from '../../../../shared/cli/build-log/build-wait.ts';
import { buildPath, buildRequestPath, imageBuildLockPath } from '../../../../shared/store/paths.ts';
import { eventually } from '../../../support/eventually.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

describe('waiting for a build', () => {
  let world: StoreWorld;
  let desk: FakeZooKeeper;
  let told: string[];
  let begun: string[];
  let stop: AbortController;
  let end: Promise<WaitEnd>;
  beforeEach(async () => {
    world = await StoreWorld.start();
    desk = new FakeZooKeeper(world.server);
    [told, begun, stop] = [[], [], new AbortController()];
    end = new BuildWait({
      ...{ client: desk, image: 'debian', clock: world.clock, log: silentLogger },
      ...{ signal: stop.signal, warn: (line: string) => told.push(line) },
      onBegun: (build) => begun.push(build),
    }).run();
    end.catch(() => undefined);
    await eventually(isRequested);
  });
  afterEach(() => {
    stop.abort(new Error('the test has ended'));
  });

  const isRequested = async (): Promise<boolean> =>
    (await world.other.exists(buildRequestPath('debian'))) !== undefined;
  const lock = `${imageBuildLockPath('debian')}/0000000000`;

  async function write(build: string, state: string): Promise<void> {
    const path = buildPath({ image: 'debian', build });
    await world.other.ensurePath(path);
    await world.other.set(path, Buffer.from(JSON.stringify({ state, builder: 'h1' })));
  }

  async function begin(): Promise<void> {
    await world.other.ensurePath(lock);
    await write('b1', 'building');
    await eventually(() => {
      assert.deepEqual(begun, ['b1']);
    });
  }

  it('lives through a lost connection, and through the end of its session', async () => {
    await begin();
    desk.disconnect();
    await eventually(() => told.some((line) => line.includes('connection to ZooKeeper is lost')));
    desk.expire();
    await write('b1', 'ready');
    desk.reconnect();
    assert.deepEqual(await end, { kind: 'ready', build: 'b1' });
    assert.deepEqual(begun, ['b1']);
  });

  it('hears what has become of a build while it could hear nothing', async () => {
    desk.disconnect();
    await write('b1', 'failed');
    desk.reconnect();
    assert.deepEqual(await end, { kind: 'failed', build: 'b1' });
    assert.deepEqual(begun, [], 'it never saw it run');
  });

  it('looks again where the connection is lost in the middle of a look', async () => {
    const children = desk.children.bind(desk);
    const lost = new ZooKeeperError('ZK_CONNECTION_LOSS', 'lost', { labels: ['ambiguous'] });
    let failures = 0;
    desk.children = (...args) => {
      if (failures++ > 0) return children(...args);
      return Promise.reject(lost);
    };
    await write('b1', 'ready');
    await eventually(() => failures > 0);
    await world.clock.advance(1000);
    assert.deepEqual(await end, { kind: 'ready', build: 'b1' });
  });

  it('notices that the builder has let go of a build which is not ready', async () => {
    await begin();
    await world.other.delete(lock);
    assert.deepEqual(await end, { kind: 'lost', build: 'b1' });
  });

  it('is not misled by a builder that writes and then lets go', async () => {
    await begin();
    await write('b1', 'ready');
    await world.other.delete(lock);
    assert.deepEqual(await end, { kind: 'ready', build: 'b1' });
  });

  it('asks again when its request is taken away without a build', async () => {
    await world.other.delete(buildRequestPath('debian'));
    await eventually(isRequested);
  });

  it('ends when it is told to', async () => {
    stop.abort(new NodepoolError('NP_ABORTED', 'enough'));
    await assert.rejects(end, /enough/);
  });
});
