/** Nodes of driver `metastatic`: slots on nodes that the fake provider beside it makes. */
import assert from 'node:assert/strict';
import { play, type Scene } from '../../support/launcher-scene.ts';
import {
  backingData,
  backingNodes,
  lockHolders,
  metastaticConfig,
  OWNER,
  slotNode,
  untilEmpty,
  untilOnline,
} from '../../support/metastatic-scene.ts';
import type { InUse } from '../../support/zuul-side.ts';

interface Users {
  readonly ids: readonly string[];
  readonly uses: readonly InUse[];
}

/** So many requests for one slot each, all served and in use. */
async function useSlots({ zuul }: Scene, count: number): Promise<Users> {
  await untilOnline(zuul, 2);
  const asked = await Promise.all(Array.from({ length: count }, () => zuul.ask(['slot'])));
  const uses = await Promise.all(asked.map(({ id, nodes }) => zuul.use(id, nodes)));
  return { ids: asked.flatMap(({ nodes }) => nodes), uses };
}

async function giveBack({ uses }: Users): Promise<void> {
  await Promise.all(uses.map((use) => use.giveBack()));
}

describe('nodes of a metastatic provider', () => {
  it('share backing nodes, each in a slot of its own, and these go when they are idle', () =>
    play(metastaticConfig(), async (scene) => {
      const { zuul } = scene;
      const users = await useSlots(scene, 7);
      const nodes = await Promise.all(users.ids.map((id) => slotNode(zuul, id)));
      const places = nodes.map(({ backing, slot }) => `${backing}/${slot}`);
      assert.equal(new Set(places).size, 7);
      assert.deepEqual(
        new Set(nodes.map(({ backing }) => backing)),
        new Set((await backingNodes(zuul)).keys()),
      );
      assert.equal(scene.cloud.servers.length, 3);
      await giveBack(users);
      await untilEmpty(zuul);
      assert.equal(scene.cloud.servers.length, 0);
    }));

  it('have the records that the original writes', () =>
    play(
      metastaticConfig({
        label: { 'max-parallel-jobs': 2 },
        slotPool: { 'node-attributes': { pool: 'slots', both: 'slots' } },
        pool: { 'node-attributes': { cloud: 'yes', both: 'cloud' } },
      }),
      async (scene) => {
        const { zuul } = scene;
        const users = await useSlots(scene, 1);
        const { backing, record } = await slotNode(zuul, users.ids[0] ?? '');
        const host = await zuul.node(backing);
        assert.ok(host);
        const { launched, ...data } = backingData(host);
        assert.deepEqual(data, { owner: OWNER, label: 'slot', slots: 2, failed: false });
        assert.equal(typeof launched, 'number');
        assert.deepEqual(await lockHolders(zuul, backing), [OWNER]);
        assert.equal(host.state, 'in-use');
        assert.equal(host.requestor, OWNER);
        assert.deepEqual(record.driver_data, {
          metadata: {
            nodepool_node_id: users.ids[0],
            nodepool_pool_name: 'main',
            nodepool_provider_name: 'meta',
          },
          backing_node: backing,
          slot: 0,
          node: users.ids[0],
        });
        assert.equal(record.external_id, users.ids[0]);
        assert.equal(record.slot, 0);
        assert.deepEqual(record.resources, { instances: 1, cores: 0, ram: 0 });
        assert.equal(record.host_id, null);
        assert.deepEqual(record.attributes, { cloud: 'yes', both: 'slots', pool: 'slots' });
        const inherited = [
          ...['interface_ip', 'public_ipv4', 'private_ipv4', 'public_ipv6', 'az', 'region'],
          ...['cloud', 'username', 'python_path', 'shell_type', 'connection_type'],
          ...['connection_port', 'host_keys'],
        ];
        for (const key of inherited) assert.deepEqual(record[key], host[key], key);
        await giveBack(users);
        await untilEmpty(zuul);
      },
    ));

  it('take slots that have fallen free before a new backing node is asked for', () =>
    play(metastaticConfig({ label: { 'grace-time': 600 } }), async (scene) => {
      const { zuul } = scene;
      const first = await useSlots(scene, 3);
      const { backing } = await slotNode(zuul, first.ids[0] ?? '');
      await giveBack(first);
      await zuul.untilGone(first.ids);
      const second = await useSlots(scene, 3);
      const nodes = await Promise.all(second.ids.map((id) => slotNode(zuul, id)));
      assert.deepEqual(new Set(nodes.map((node) => node.backing)), new Set([backing]));
      assert.deepEqual(nodes.map(({ slot }) => slot).toSorted(), [0, 1, 2]);
      assert.equal(scene.cloud.calls.create, 1);
      // The label leaves the configuration, so no grace time holds any more.
      await scene.own.rewrite(metastaticConfig({ label: { name: 'other' } }));
      await giveBack(second);
      await untilEmpty(zuul);
    }));
});
