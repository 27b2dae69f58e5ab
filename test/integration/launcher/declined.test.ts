/** Requests that cannot be served: who declines, and when that is the end. */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider, play } from '../../support/launcher-scene.ts';

describe('a request that no pool can serve', () => {
  it('fails once every pool has declined', () =>
    play(
      config({ providers: [fakeProvider(), fakeProvider({ name: 'two' })] }),
      async ({ zuul, own }) => {
        await eventually(async () => {
          assert.equal((await zuul.components('pool')).length, 2);
        });
        const id = await zuul.submit(['nowhere']);
        const record = await zuul.untilState(id, 'failed');
        const pools = (await zuul.components('pool')).map((pool) => pool.id);
        assert.deepEqual((record.declined_by as string[]).toSorted(), pools.toSorted());
        assert.deepEqual(record.nodes, []);
        assert.deepEqual(await zuul.nodeIds(), []);
        assert.ok(own.lines.some((line) => line.includes('no label nowhere')));
      },
    ));

  it('waits while a pool of somebody else has not declined, and fails when that one is gone', () =>
    play(config(), async ({ zuul }) => {
      const foreign = {
        ...{ hostname: 'foreign', kind: 'pool', state: 'running', version: '11.0.0', model_api: 0 },
        ...{ id: 'foreign-PoolWorker.x-main-1', name: 'main', provider_name: 'x', paused: false },
        ...{ supported_labels: ['elsewhere'], priority: 100 },
      };
      await eventually(async () => {
        assert.equal((await zuul.components('pool')).length, 1);
      });
      const { path } = await zuul.client.create(
        '/nodepool/components/pool/foreign',
        Buffer.from(JSON.stringify(foreign)),
        { mode: 'ephemeralSequential' },
      );
      const id = await zuul.submit(['nowhere']);
      await eventually(async () => {
        assert.equal(((await zuul.request(id))?.declined_by as string[] | undefined)?.length, 1);
      });
      assert.equal((await zuul.request(id))?.state, 'requested');
      // The launcher has seen the next request in full, and has still not failed the first one.
      await zuul.ask(['small']);
      assert.equal((await zuul.request(id))?.state, 'requested');
      await zuul.client.delete(path);
      await zuul.untilState(id, 'failed');
    }));

  it('is left alone by a pool that has not all its labels while another has', () =>
    play(
      config({
        providers: [fakeProvider({ labels: ['small'] }), fakeProvider({ name: 'two' })],
      }),
      async ({ zuul }) => {
        await eventually(async () => {
          assert.equal((await zuul.components('pool')).length, 2);
        });
        const { nodes } = await zuul.ask(['small', 'large']);
        for (const id of nodes) assert.equal((await zuul.node(id))?.provider, 'two');
      },
    ));

  it('fails at once if it can never fit into the pool', () =>
    play(config({ pool: { 'max-servers': 2 } }), async ({ zuul, cloud }) => {
      const id = await zuul.submit(['small', 'small', 'small']);
      await zuul.untilState(id, 'failed');
      assert.equal(cloud.calls.create, 0);
    }));

  it('does not keep others from being served', () =>
    play(config(), async ({ zuul }) => {
      const ids = await Promise.all([
        ...Array.from({ length: 5 }, () => zuul.submit(['nowhere'])),
        ...Array.from({ length: 5 }, () => zuul.submit(['small'])),
      ]);
      for (const id of ids.slice(0, 5)) await zuul.untilState(id, 'failed');
      for (const id of ids.slice(5)) await zuul.untilState(id, 'fulfilled');
    }));

  it('goes to the provider that is asked for, if that one has the label', () =>
    play(
      config({ providers: [fakeProvider(), fakeProvider({ name: 'two' })] }),
      async ({ zuul }) => {
        await eventually(async () => {
          assert.equal((await zuul.components('pool')).length, 2);
        });
        for (const provider of ['two', 'cloud', 'two', 'cloud']) {
          const { nodes } = await zuul.ask(['small'], { provider });
          assert.equal((await zuul.node(nodes[0] ?? ''))?.provider, provider);
        }
      },
    ));
});
