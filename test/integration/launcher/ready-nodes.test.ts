/** Ready nodes: handed out before anything is launched, and kept in stock as `min-ready` says. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play, type Scene } from '../../support/launcher-scene.ts';

/** Waits until so many nodes are ready and free, and nothing is asked for any more. */
async function untilStock({ zuul }: Pick<Scene, 'zuul'>, count: number): Promise<string[]> {
  let ids: string[] = [];
  await eventually(async () => {
    const nodes = [...(await zuul.nodes())];
    ids = nodes
      .filter(([, node]) => node.state === 'ready' && node.allocated_to === null)
      .map(([id]) => id);
    assert.equal(ids.length, count);
    assert.deepEqual(await zuul.requestIds(), []);
    // One that is just being freed is still locked, and so not on offer.
    const locks = await zuul.heldLocks();
    assert.ok(!ids.some((id) => locks.some((path) => path.includes(`/${id}/lock/`))));
  });
  return ids;
}

describe('ready nodes', () => {
  it('are kept in stock, and refilled when they are taken', () =>
    // One zone, since nodes of two zones never serve one request.
    play(
      config({ minReady: { small: 2 }, pool: { 'availability-zones': ['az1'] } }),
      async (scene) => {
        const stock = await untilStock(scene, 2);
        const { id, nodes } = await scene.zuul.ask(['small', 'small']);
        assert.deepEqual([...nodes].toSorted(), stock.toSorted());
        const using = await scene.zuul.use(id, nodes);
        const refilled = await untilStock(scene, 2);
        assert.equal(scene.cloud.calls.create, 4);
        await using.giveBack();
        await scene.zuul.untilGone(nodes);
        assert.deepEqual(await scene.zuul.nodeIds(), refilled.toSorted());
      },
    ));

  it('are handed out with the tenant and requestor of who gets them', () =>
    play(config({ minReady: { small: 1 } }), async (scene) => {
      await untilStock(scene, 1);
      const { id, nodes } = await scene.zuul.ask(['small'], { tenant_name: 'tenant-two' });
      const node = await scene.zuul.node(nodes[0] ?? '');
      assert.equal(node?.allocated_to, id);
      assert.equal(node.tenant_name, 'tenant-two');
      assert.equal(node.requestor, 'zuul-system-id');
    }));

  it('serve a request together with launched ones, in order', () =>
    play(config({ minReady: { large: 1 } }), async (scene) => {
      const [stock = ''] = await untilStock(scene, 1);
      const { nodes } = await scene.zuul.ask(['small', 'large', 'small']);
      assert.equal(nodes[1], stock);
      assert.equal(new Set(nodes).size, 3);
    }));

  it('go to one request each, although more ask at the same time than there are', () =>
    play(config({ minReady: { small: 5 } }), async (scene) => {
      await untilStock(scene, 5);
      const ids = await Promise.all(Array.from({ length: 15 }, () => scene.zuul.submit(['small'])));
      const handed: string[] = [];
      for (const id of ids) {
        const { nodes } = await scene.zuul.untilState(id, 'fulfilled');
        handed.push(...(nodes as string[]));
        assert.equal((await scene.zuul.node((nodes as string[])[0] ?? ''))?.allocated_to, id);
      }
      assert.equal(new Set(handed).size, 15);
    }));

  it('do not serve a request that wants fresh ones', () =>
    play(config({ minReady: { small: 1 } }), async (scene) => {
      const [stock = ''] = await untilStock(scene, 1);
      const { nodes } = await scene.zuul.ask(['small'], { reuse: false });
      assert.notEqual(nodes[0], stock);
    }));

  it('are replaced for nobody while others hold them locked', () =>
    play(config({ minReady: { small: 1 } }), async (scene) => {
      const [stock = ''] = await untilStock(scene, 1);
      const lock = await scene.zuul.lock(stock);
      const { nodes } = await scene.zuul.ask(['small']);
      assert.notEqual(nodes[0], stock);
      await lock.release();
    }));

  it('are made once although two launchers keep the same stock', () =>
    play(config({ minReady: { small: 4, large: 3 } }), async (scene) => {
      const other = await scene.another(config({ minReady: { small: 4, large: 3 } }), {
        hostname: 'other-host',
      });
      await untilStock(scene, 7);
      const made = (): number => scene.cloud.calls.create + other.cloud('cloud').calls.create;
      assert.equal(made(), 7);
      const { id, nodes } = await scene.zuul.ask(['small', 'small', 'large']);
      const using = await scene.zuul.use(id, nodes);
      await untilStock(scene, 7);
      assert.equal(made(), 10);
      await using.giveBack();
      await scene.zuul.untilGone(nodes);
      assert.equal((await scene.zuul.nodeIds()).length, 7);
    }));

  it('take no more than the quota leaves', () =>
    play(
      config({ minReady: { small: 5 }, pool: { 'max-servers': 3 } }),
      async ({ zuul, cloud }) => {
        await eventually(async () => {
          const nodes = [...(await zuul.nodes()).values()];
          assert.equal(nodes.filter((node) => node.state === 'ready').length, 3);
        });
        assert.equal(cloud.calls.create, 3);
      },
    ));

  it('make room for a request that has none', () =>
    play(config({ minReady: { small: 3 }, pool: { 'max-servers': 3 } }), async (scene) => {
      await untilStock(scene, 3);
      const { nodes } = await scene.zuul.ask(['large', 'large']);
      assert.equal(nodes.length, 2);
      assert.ok(scene.cloud.servers.length <= 3);
    }));

  it('of another provider are not taken by a pool of this one', () =>
    play(
      config({
        minReady: { small: 1 },
        providers: [
          fakeProvider({ labels: ['small'] }),
          fakeProvider({ name: 'two', labels: ['large'] }),
        ],
      }),
      async (scene) => {
        await untilStock(scene, 1);
        const { nodes } = await scene.zuul.ask(['large']);
        assert.equal((await scene.zuul.node(nodes[0] ?? ''))?.provider, 'two');
      },
    ));
});
