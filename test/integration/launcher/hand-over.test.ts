/** A launcher that stops or loses its session: what it leaves, and who goes on with it. */
import assert from 'node:assert/strict';
import { startCuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play } from '../../support/launcher-scene.ts';
import { zookeeper } from '../../support/zookeeper.ts';

describe('a launcher that is told to stop', () => {
  it('takes its registrations back, and leaves nothing locked', () =>
    play(config(), async ({ zuul, own }) => {
      const { nodes } = await zuul.ask(['small', 'large']);
      assert.equal((await zuul.components('launcher')).length, 1);
      await own.stop();
      assert.deepEqual(await zuul.components('launcher'), []);
      assert.deepEqual(await zuul.components('pool'), []);
      assert.deepEqual(await zuul.heldLocks(), []);
      assert.deepEqual(await zuul.nodeIds(), [...nodes].toSorted());
    }));

  it('fulfils what it is launching, within its grace time', () =>
    play(config({ faults: { 'create-delay': 0.5 } }), async ({ zuul, cloud, own }) => {
      const id = await zuul.submit(['small', 'small']);
      await eventually(() => {
        assert.equal(cloud.servers.length, 2);
      });
      await own.stop();
      assert.equal((await zuul.request(id))?.state, 'fulfilled');
    }));

  it('hands over what it cannot end in time: requested again, without nodes', () =>
    play(config(), async ({ zuul, cloud, own }) => {
      cloud.holdCreates();
      const id = await zuul.submit(['small', 'small']);
      await eventually(() => {
        assert.equal(cloud.servers.length, 2);
      });
      await own.stop(100);
      const record = await zuul.request(id);
      assert.equal(record?.state, 'requested');
      assert.deepEqual(record.nodes, []);
      assert.deepEqual(record.declined_by, []);
      const states = [...(await zuul.nodes()).values()].map((node) => node.state);
      assert.ok(
        states.every((state) => state === 'deleting'),
        String(states),
      );
    }));

  it('hands over at once what waits for quota, and another launcher serves it', () =>
    play(config({ pool: { 'max-servers': 1 } }), async ({ zuul, own, another }) => {
      const first = await zuul.ask(['small']);
      const using = await zuul.use(first.id, first.nodes);
      const waiting = await zuul.submit(['small']);
      await zuul.untilState(waiting, 'pending');
      await own.stop();
      assert.equal((await zuul.request(waiting))?.state, 'requested');
      await another(config());
      await zuul.untilState(waiting, 'fulfilled');
      await using.giveBack();
      await zuul.untilGone(first.nodes);
    }));

  it('leaves used nodes to its successor, which deletes them', () =>
    play(config(), async ({ zuul, own, another }) => {
      const { id, nodes } = await zuul.ask(['small', 'small']);
      const using = await zuul.use(id, nodes);
      await own.stop();
      await using.giveBack();
      await another(config());
      await zuul.untilGone(nodes);
    }));
});

describe('two launchers with the same pools', () => {
  it('serve every request once', () =>
    play(config(), async ({ zuul, cloud, another }) => {
      const other = await another(config(), { hostname: 'other-host' });
      const ids = await Promise.all(
        Array.from({ length: 40 }, () => zuul.submit(['small', 'large'])),
      );
      const records = [];
      for (const id of ids) records.push(await zuul.untilState(id, 'fulfilled'));
      const handed = records.flatMap((record) => record.nodes as string[]);
      assert.equal(new Set(handed).size, 80);
      const made = [cloud.calls.create, other.cloud('cloud').calls.create];
      assert.equal((made[0] ?? 0) + (made[1] ?? 0), 80, 'no server too many');
    }));

  it('serve together what one alone has the labels for', () =>
    play(config({ labels: ['small'] }), async ({ zuul, another }) => {
      await another(config({ labels: ['large'], name: 'two' }));
      await eventually(async () => {
        assert.equal((await zuul.components('pool')).length, 2);
      });
      const [small, large] = await Promise.all([zuul.ask(['small']), zuul.ask(['large'])]);
      assert.equal((await zuul.node(small.nodes[0] ?? ''))?.provider, 'cloud');
      assert.equal((await zuul.node(large.nodes[0] ?? ''))?.provider, 'two');
      const mixed = await zuul.submit(['small', 'large']);
      await zuul.untilState(mixed, 'failed');
    }));
});

describe('a session that expires in the middle', () => {
  it('ends all that it protected, and everything is done anew', async () => {
    const { plainHosts } = await zookeeper();
    const proxy = await startCuttingProxy(plainHosts);
    try {
      await play(
        config(),
        async ({ zuul, cloud, own }) => {
          const done = await zuul.ask(['large']);
          const using = await zuul.use(done.id, done.nodes);
          cloud.holdCreates();
          const id = await zuul.submit(['small', 'small']);
          await eventually(async () => {
            const nodes = [...(await zuul.nodes()).values()];
            const begun = nodes.filter((node) => node.state === 'building');
            assert.ok(begun.length === 2 && begun.every((node) => node.external_id !== null));
          });
          const session = own.client.session;
          const old = await zuul.nodeIds();
          proxy.refuse(true);
          proxy.cut();
          await eventually(async () => {
            assert.deepEqual(await zuul.heldLocks().then((locks) => locks.length), 1);
          });
          proxy.refuse(false);
          cloud.releaseCreates();
          const { nodes } = await zuul.untilState(id, 'fulfilled');
          assert.ok(session?.signal.aborted);
          assert.ok((nodes as string[]).every((node) => !old.includes(node)));
          await zuul.untilGone(old.filter((node) => !done.nodes.includes(node)));
          assert.equal(cloud.servers.length, 3, 'servers of the lost session are deleted');
          assert.equal((await zuul.node(done.nodes[0] ?? ''))?.state, 'in-use');
          assert.equal((await zuul.components('pool')).length, 1);
          await using.giveBack();
          await zuul.untilGone(done.nodes);
        },
        { connectString: `${proxy.host}:${proxy.port}`, sessionTimeoutMs: 800 },
      );
    } finally {
      await proxy.close();
    }
  });

  it('does not end with a connection that is only cut', async () => {
    const { plainHosts } = await zookeeper();
    const proxy = await startCuttingProxy(plainHosts);
    try {
      await play(
        config({ faults: { 'create-delay': [0, 0.05] } }),
        async ({ zuul, own }) => {
          const session = own.client.session;
          const ids: string[] = [];
          for (let round = 0; round < 5; round++) {
            ids.push(...(await Promise.all([zuul.submit(['small']), zuul.submit(['large'])])));
            proxy.cut();
          }
          const records = [];
          for (const id of ids) records.push(await zuul.untilState(id, 'fulfilled'));
          const handed = records.flatMap((record) => record.nodes as string[]);
          assert.equal(new Set(handed).size, ids.length);
          assert.equal(own.client.session?.id, session?.id);
        },
        { connectString: `${proxy.host}:${proxy.port}` },
      );
    } finally {
      await proxy.close();
    }
  });
});
