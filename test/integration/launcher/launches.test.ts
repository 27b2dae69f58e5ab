/** Launches that fail, hang or must wait: what becomes of the servers, the nodes and the request. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play } from '../../support/launcher-scene.ts';

describe('a launch that fails', () => {
  it('is tried again after the failed server is deleted', () =>
    play(
      config({ faults: { 'fail-create': [{ mode: 'after-exists', times: 2 }] } }),
      async ({ zuul, cloud }) => {
        const { nodes } = await zuul.ask(['small']);
        assert.equal(cloud.calls.create, 3);
        assert.equal(cloud.servers.length, 1);
        assert.equal((await zuul.node(nodes[0] ?? ''))?.external_id, cloud.servers[0]?.id);
      },
    ));

  it('as often as launch-retries declines the request, and leaves no server', () =>
    play(
      config({
        provider: { 'launch-retries': 2 },
        faults: { 'fail-create': [{ mode: 'after-exists' }] },
      }),
      async ({ zuul, cloud }) => {
        const id = await zuul.submit(['small']);
        await zuul.untilState(id, 'failed');
        assert.equal(cloud.calls.create, 2);
        await eventually(async () => {
          assert.equal(cloud.servers.length, 0);
          assert.deepEqual(await zuul.nodeIds(), []);
        });
      },
    ));

  it('frees the other nodes of its set', () =>
    play(
      config({
        provider: { 'launch-retries': 1 },
        faults: { 'fail-create': [{ mode: 'before', every: 3, times: 1 }] },
      }),
      async ({ zuul }) => {
        const id = await zuul.submit(['small', 'small', 'small']);
        await zuul.untilState(id, 'failed');
        await eventually(async () => {
          const nodes = [...(await zuul.nodes()).values()];
          assert.equal(nodes.length, 2);
          assert.ok(nodes.every((node) => node.state === 'ready' && node.allocated_to === null));
        });
      },
    ));

  it('for good is not tried again', () =>
    play(config({ faults: { 'fail-create': [{ error: 'fatal' }] } }), async ({ zuul, cloud }) => {
      const id = await zuul.submit(['small']);
      await zuul.untilState(id, 'failed');
      assert.equal(cloud.calls.create, 1);
    }));

  it('by launch-timeout is given up, its server deleted, and tried again', () =>
    play(
      config({
        provider: { 'launch-timeout': 0.3 },
        faults: { 'fail-create': [{ mode: 'hang', times: 1 }] },
      }),
      async ({ zuul, cloud, own }) => {
        await zuul.ask(['small']);
        assert.equal(cloud.calls.create, 2);
        assert.equal(cloud.servers.length, 1);
        assert.ok(own.lines.some((line) => line.includes('launch-timeout')));
      },
    ));
});

describe('a pool without room', () => {
  it('waits, and says that it is paused, until a node is gone', () =>
    play(config({ pool: { 'max-servers': 2 } }), async ({ zuul, cloud }) => {
      const first = await zuul.ask(['small', 'small']);
      const using = await zuul.use(first.id, first.nodes);
      const id = await zuul.submit(['small']);
      await zuul.untilState(id, 'pending');
      await eventually(async () => {
        assert.equal((await zuul.components('pool'))[0]?.paused, true);
      });
      assert.equal(cloud.calls.create, 2);
      await using.giveBack();
      await zuul.untilState(id, 'fulfilled');
      await eventually(async () => {
        assert.equal((await zuul.components('pool'))[0]?.paused, false);
      });
    }));

  it('serves the large request that waits before small ones that came later', () =>
    play(config({ pool: { 'max-servers': 3 } }), async ({ zuul }) => {
      const first = await zuul.ask(['small', 'small']);
      const using = await zuul.use(first.id, first.nodes);
      const large = await zuul.submit(['small', 'small', 'small']);
      await zuul.untilState(large, 'pending');
      const small = await zuul.submit(['small']);
      await using.giveBack();
      const record = await zuul.untilState(large, 'fulfilled');
      assert.notEqual((await zuul.request(small))?.state, 'fulfilled');
      await (await zuul.use(large, record.nodes as string[])).giveBack();
      await zuul.untilState(small, 'fulfilled');
    }));

  it('still declines what it can never serve', () =>
    play(config({ pool: { 'max-servers': 1 } }), async ({ zuul }) => {
      const first = await zuul.ask(['small']);
      const waiting = await zuul.submit(['small']);
      await zuul.untilState(waiting, 'pending');
      const foreign = await zuul.submit(['nowhere']);
      await zuul.untilState(foreign, 'failed');
      await zuul.cancel(waiting);
      await zuul.cancel(first.id);
    }));

  it('because the cloud is full waits without counting an attempt', () =>
    play(
      config({ provider: { 'launch-retries': 1 } }),
      async ({ zuul, cloud }) => {
        const first = await zuul.ask(['small', 'small']);
        const using = await zuul.use(first.id, first.nodes);
        const id = await zuul.submit(['small']);
        await zuul.untilState(id, 'pending');
        await using.giveBack();
        await zuul.untilState(id, 'fulfilled');
        assert.ok(cloud.servers.length <= 2);
      },
      { environment: { FAKE_QUOTA: '-1,2,-1' } },
    ));

  it('never holds more servers than its limits, whatever is asked for', () =>
    play(config({ pool: { 'max-cores': 12 } }), async ({ zuul, cloud }) => {
      let most = 0;
      const ids = await Promise.all(Array.from({ length: 12 }, () => zuul.submit(['small'])));
      for (const id of ids) {
        const { nodes } = await zuul.untilState(id, 'fulfilled');
        most = Math.max(most, cloud.servers.length);
        await (await zuul.use(id, nodes as string[])).giveBack();
      }
      assert.equal(most, 3, 'four cores each');
    }));

  it('by max-concurrency launches so many at a time and no more', () =>
    play(config({ provider: { 'max-concurrency': 2 } }), async ({ zuul, cloud }) => {
      cloud.holdCreates();
      const ids = await Promise.all(Array.from({ length: 5 }, () => zuul.submit(['small'])));
      await eventually(() => {
        assert.equal(cloud.servers.length, 2);
      });
      const states = await Promise.all(ids.map(async (id) => (await zuul.request(id))?.state));
      assert.equal(states.filter((state) => state === 'pending').length, 2);
      cloud.releaseCreates();
      for (const id of ids) await zuul.untilState(id, 'fulfilled');
    }));

  it('by max-concurrency begins the next launch when one ends, not when its request does', () =>
    play(
      config({
        provider: { 'max-concurrency': 2 },
        faults: { 'fail-create': [{ mode: 'hang', every: 2, times: 1 }] },
      }),
      async ({ zuul, cloud }) => {
        const pair = await zuul.submit(['small', 'small']);
        await zuul.untilState(pair, 'pending');
        await eventually(() => {
          assert.equal(cloud.servers.length, 2);
        });
        await zuul.ask(['small']);
        assert.equal((await zuul.request(pair))?.state, 'pending');
        cloud.releaseCreates();
        await zuul.untilState(pair, 'fulfilled');
      },
    ));

  it('by max-concurrency 0 takes nothing, and is not yielded to, until that is changed', () => {
    const none = { 'max-concurrency': 0 };
    const better = (provider: Readonly<Record<string, unknown>>) =>
      fakeProvider({ name: 'better', provider, pool: { priority: 1 }, labels: ['small', 'huge'] });
    return play(config({ providers: [fakeProvider(), better(none)] }), async ({ zuul, own }) => {
      const { nodes } = await zuul.ask(['small']);
      assert.equal((await zuul.node(nodes[0] ?? ''))?.provider, 'cloud');
      const id = await zuul.submit(['huge']);
      await own.rewrite(config({ providers: [fakeProvider(), better({})] }));
      const record = await zuul.untilState(id, 'fulfilled');
      const [node] = record.nodes as string[];
      assert.equal((await zuul.node(node ?? ''))?.provider, 'better');
    });
  });
});

describe('a deletion that fails', () => {
  it('is tried again until the server is gone', () =>
    play(config({ faults: { 'fail-delete': [{ times: 3 }] } }), async ({ zuul, cloud }) => {
      const { id, nodes } = await zuul.ask(['small']);
      await (await zuul.use(id, nodes)).giveBack();
      await zuul.untilGone(nodes);
      assert.equal(cloud.servers.length, 0);
      assert.equal(cloud.calls.delete, 4);
    }));

  it('by a lie is found by the upkeep', () =>
    play(
      config({ faults: { 'fail-delete': [{ mode: 'lie', times: 1 }] } }),
      async ({ zuul, cloud }) => {
        const { id, nodes } = await zuul.ask(['small']);
        await (await zuul.use(id, nodes)).giveBack();
        await zuul.untilGone(nodes);
        await eventually(() => {
          assert.equal(cloud.servers.length, 0);
        });
      },
    ));

  it('does not touch servers of others', () =>
    play(config(), async ({ zuul, cloud, own }) => {
      const flavor = { id: 'fake-flavor-id', name: 'Fake Flavor', ramMib: 8192, cores: 4 };
      const foreign = cloud.plant(flavor);
      const leaked = cloud.plant(flavor, {
        nodepool_provider_name: 'cloud',
        nodepool_node_id: '0000009999',
      });
      await eventually(() => {
        assert.deepEqual(
          cloud.servers.map((server) => server.id),
          [foreign.id],
        );
      });
      assert.ok(own.lines.some((line) => line.includes(leaked.id)));
      await zuul.ask(['small']);
    }));
});
