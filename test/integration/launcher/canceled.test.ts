/** Requests that their requestor deletes while they are being served. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { config, play } from '../../support/launcher-scene.ts';

describe('a request that is cancelled', () => {
  it('leaves its launched nodes ready and free, and the next request gets them', () =>
    play(config(), async ({ zuul, cloud }) => {
      cloud.holdCreates();
      const id = await zuul.submit(['small', 'small']);
      await eventually(() => {
        assert.equal(cloud.servers.length, 2);
      });
      await zuul.cancel(id);
      cloud.releaseCreates();
      await eventually(async () => {
        const nodes = [...(await zuul.nodes()).values()];
        assert.deepEqual(
          nodes.map((node) => [node.state, node.allocated_to]),
          [
            ['ready', null],
            ['ready', null],
          ],
        );
      });
      await zuul.ask(['small', 'small']);
      assert.equal(cloud.calls.create, 2);
    }));

  it('stops waiting for quota at once, and the next one is served', () =>
    play(config({ pool: { 'max-servers': 2 } }), async ({ zuul, cloud }) => {
      const first = await zuul.ask(['small']);
      const using = await zuul.use(first.id, first.nodes);
      const large = await zuul.submit(['small', 'small']);
      await zuul.untilState(large, 'pending');
      const next = await zuul.submit(['large']);
      await zuul.cancel(large);
      await zuul.untilState(next, 'fulfilled');
      assert.ok(cloud.servers.length <= 2);
      await using.giveBack();
    }));

  it('before anybody has looked at it leaves nothing', () =>
    play(config(), async ({ zuul }) => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => zuul.submit(['small'])));
      await Promise.all(ids.map((id) => zuul.cancel(id)));
      await eventually(async () => {
        const nodes = [...(await zuul.nodes()).values()];
        assert.ok(nodes.every((node) => node.state === 'ready' && node.allocated_to === null));
        assert.deepEqual(await zuul.heldLocks(), []);
      });
    }));

  it('while a ready node is being taken for it leaves the node free', () =>
    play(config({ minReady: { small: 1 } }), async ({ zuul, cloud }) => {
      await eventually(async () => {
        const [node] = (await zuul.nodes()).values();
        assert.equal(node?.state, 'ready');
        assert.equal(node.allocated_to, null);
      });
      cloud.holdCreates();
      const id = await zuul.submit(['small', 'large']);
      await eventually(async () => {
        const nodes = [...(await zuul.nodes()).values()];
        assert.equal(nodes.filter((node) => node.allocated_to === id).length, 2);
      });
      await zuul.cancel(id);
      cloud.releaseCreates();
      await eventually(async () => {
        const nodes = [...(await zuul.nodes()).values()];
        assert.ok(nodes.every((node) => node.state === 'ready' && node.allocated_to === null));
      });
    }));
});
