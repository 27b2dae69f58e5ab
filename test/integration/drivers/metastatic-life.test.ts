/**
 * What may happen to a metastatic provider and its backing nodes: several launchers, a crash, hosts
 * that break, backing nodes that vanish, a provider that leaves the configuration.
 */
import assert from 'node:assert/strict';
import { startSshServer } from '../../../fixtures/ssh/server.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play } from '../../support/launcher-scene.ts';
import {
  backingData,
  backingNodes,
  lockHolders,
  metastaticConfig,
  metastaticProvider,
  OWNER,
  slotNode,
  untilEmpty,
  untilOnline,
} from '../../support/metastatic-scene.ts';
import type { InUse, ZuulSide } from '../../support/zuul-side.ts';

const CLOUD_ONLY = config({ providers: [fakeProvider({ labels: ['host'] })] });

function slotsOnly(label: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return config({ providers: [metastaticProvider(label)] });
}

async function useSlot(zuul: ZuulSide): Promise<{ id: string; use: InUse }> {
  const { id, nodes } = await zuul.ask(['slot']);
  const [node = ''] = nodes;
  return { id: node, use: await zuul.use(id, nodes) };
}

describe('a metastatic provider', () => {
  it('of two launchers gives no slot twice', () =>
    play(CLOUD_ONLY, async ({ zuul, another }) => {
      // So few at a time that one alone is too slow.
      const provider = {
        ...metastaticProvider({ 'max-parallel-jobs': 5 }),
        ...{ 'max-concurrency': 3 },
      };
      await another(config({ providers: [provider] }), { hostname: 'second' });
      await another(config({ providers: [provider] }), { hostname: 'third' });
      await untilOnline(zuul, 3);
      const served = new Set<unknown>();
      for (let round = 0; round < 2; round++) {
        const users = await Promise.all(Array.from({ length: 12 }, () => useSlot(zuul)));
        const nodes = await Promise.all(users.map(({ id }) => slotNode(zuul, id)));
        for (const { record } of nodes) served.add(record.launcher);
        const places = nodes.map(({ backing, slot }) => `${backing}/${slot}`);
        assert.equal(new Set(places).size, places.length, places.join(' '));
        await Promise.all(users.map(({ use }) => use.giveBack()));
      }
      assert.equal(served.size, 2, 'both have served');
      await untilEmpty(zuul);
    }));

  it('goes on where a launcher that died has left it', () =>
    play(CLOUD_ONLY, async ({ zuul, another }) => {
      const label = { 'grace-time': 600 };
      const first = await another(slotsOnly(label));
      await untilOnline(zuul, 2);
      const user = await useSlot(zuul);
      const before = await slotNode(zuul, user.id);
      // For ZooKeeper the process is gone at once.
      await first.client.close();
      await first.stop(0);
      assert.deepEqual(await lockHolders(zuul, before.backing), [OWNER]);
      const second = await another(slotsOnly(label));
      await untilOnline(zuul, 2);
      const next = await useSlot(zuul);
      const after = await slotNode(zuul, next.id);
      assert.equal(after.backing, before.backing);
      assert.notEqual(after.slot, before.slot);
      await Promise.all([user.use.giveBack(), next.use.giveBack()]);
      await zuul.untilGone([user.id, next.id]);
      await second.rewrite(slotsOnly({ 'grace-time': 0 }));
      await untilEmpty(zuul);
    }));

  it('fails a request when nobody can make the backing node', () =>
    play(slotsOnly(), async ({ zuul }) => {
      await untilOnline(zuul, 1);
      await zuul.untilState(await zuul.submit(['slot']), 'failed');
      await untilEmpty(zuul);
      assert.deepEqual((await zuul.requestIds()).length, 1);
    }));

  it('gives no more slots of a backing node whose keys cannot be read, and takes another', async () => {
    const hosts = [await startSshServer(), await startSshServer()];
    const rack = {
      name: 'rack',
      driver: 'static',
      pools: [
        {
          name: 'main',
          nodes: hosts.map((server) => ({
            ...{ name: '127.0.0.1', labels: ['host'], username: 'zuul', timeout: 2 },
            'connection-port': server.port,
          })),
        },
      ],
    };
    const slots = { ...metastaticProvider({ 'host-key-checking': true }), 'boot-timeout': 1 };
    try {
      await play(config({ providers: [rack, slots] }), async ({ zuul }) => {
        await untilOnline(zuul, 2);
        await eventually(async () => {
          assert.equal((await zuul.nodeIds()).length, 2);
        });
        const first = await useSlot(zuul);
        const before = await slotNode(zuul, first.id);
        assert.ok((before.record.host_keys as string[]).length > 0);
        await hosts.find(({ port }) => port === before.record.connection_port)?.stop();
        const second = await useSlot(zuul);
        const after = await slotNode(zuul, second.id);
        assert.notEqual(after.backing, before.backing);
        const broken = await zuul.node(before.backing);
        assert.equal(broken && backingData(broken).failed, true);
        await Promise.all([first.use.giveBack(), second.use.giveBack()]);
        await eventually(async () => {
          assert.equal((await backingNodes(zuul)).size, 0);
          assert.deepEqual(await zuul.heldLocks(), []);
        });
      });
    } finally {
      await Promise.all(hosts.map((server) => server.stop()));
    }
  });

  it('deletes idle nodes of a backing node that was taken away, and gets others', () => {
    const sections = metastaticConfig({ minReady: { slot: 1 } });
    return play(sections, async ({ zuul, own }) => {
      const standby = async (): Promise<string> => {
        let found = '';
        await eventually(async () => {
          const nodes = [...(await zuul.nodes())];
          const ready = nodes.find(
            ([, node]) =>
              node.provider === 'meta' && node.state === 'ready' && node.allocated_to === null,
          );
          assert.ok(ready);
          found = ready[0];
        });
        return found;
      };
      const first = await standby();
      const { backing } = await slotNode(zuul, first);
      const { children } = await zuul.client.children(`/nodepool/nodes/${backing}/lock`);
      await zuul.client.delete(`/nodepool/nodes/${backing}/lock/${children[0] ?? ''}`);
      await zuul.untilGone([backing, first]);
      assert.notEqual((await slotNode(zuul, await standby())).backing, backing);
      // What is left of a provider that nobody has is given back, with its nodes that nobody uses.
      await own.rewrite(config({ providers: [fakeProvider({ labels: ['host'] })] }));
      await untilEmpty(zuul);
    });
  });

  it('that leaves the configuration keeps its backing nodes while they are used', () =>
    play(metastaticConfig(), async ({ zuul, own }) => {
      await untilOnline(zuul, 2);
      const user = await useSlot(zuul);
      const { backing } = await slotNode(zuul, user.id);
      await own.rewrite(config({ providers: [fakeProvider({ labels: ['host'] })] }));
      await eventually(async () => {
        const pools = await zuul.components('pool');
        assert.deepEqual(
          pools.map((pool) => pool.provider_name),
          ['cloud'],
        );
      });
      assert.deepEqual(await lockHolders(zuul, backing), [OWNER]);
      await user.use.giveBack();
      await untilEmpty(zuul);
    }));
});
