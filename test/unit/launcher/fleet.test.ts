/**
 * Properties of launchers at work, over random worlds and random orders of events: whole launchers on
 * a ZooKeeper in memory, with clouds that keep their own books. A failure prints its seed.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareRequests } from '../../../shared/store/waiting.ts';
import { stored } from '../../support/launcher-world.ts';
import { MemoryFleet } from '../../support/memory-fleet.ts';
import { play } from './fleet-play.ts';
import { fleets, LABELS, step, TENANT } from './fleet-worlds.ts';

describe('launchers, whatever is asked for and whatever happens,', function () {
  this.timeout(60_000);
  it('never exceed a quota, give no node to two, and leave nobody waiting when the load ends', async () => {
    await fc.assert(
      fc.asyncProperty(fleets, fc.array(step, { maxLength: 25 }), async (plan, steps) => {
        const one = await play(plan, steps);
        await one.loadEnds();
        if (one.drained.size > 0) {
          assert.deepEqual(one.unexplained(), [], 'nobody says that they wait for a drain to end');
          assert.deepEqual(one.inTheMaking(), [], 'a drained provider is making nodes');
        }
        await one.undrain();
        await one.loadEnds();
        for (const id of one.left()) {
          const mayWait = !one.canEverBeServed(id) || one.waitsForWhoTakesNothing(id);
          assert.ok(mayWait, `${id} waits: ${JSON.stringify(one.fleet.request(id))}`);
        }
        for (const id of one.failed) {
          if (one.unlucky.has(id)) continue;
          assert.ok(!one.canEverBeServed(id), `${id} failed, though it could be served`);
        }
        assert.deepEqual(one.fleet.locks(), []);
      }),
      { numRuns: 60, includeErrorInReport: true },
    );
  });

  it('give a tenant no more than its limit, also to requests of one moment', async () => {
    const fleet = await MemoryFleet.start({
      labels: LABELS,
      launchers: [[{ pools: [{ labels: ['small'] }] }, { pools: [{ labels: ['small'] }] }]],
      tenants: [{ 'tenant-name': TENANT, 'max-cores': 2 }],
    });
    const fields = { node_types: ['small'], tenant_name: TENANT };
    const ids = await Promise.all([1, 2, 3, 4].map(() => fleet.submit(fields)));
    for (let round = 0; round < 4; round++) {
      await fleet.settle();
      assert.ok((fleet.used(() => true).cores ?? 0) <= 2);
      for (const cloud of fleet.clouds.values()) {
        for (const launch of cloud.pending.values()) launch.end('ready');
      }
      await fleet.settle();
      for (const id of ids) if (fleet.request(id)?.state === 'fulfilled') await fleet.use(id);
      await fleet.giveBack();
    }
    assert.ok(
      ids.every((id) => !fleet.request(id)),
      'all are served in the end',
    );
  });

  it('let no free node stand in the way, of another pool or charged to the tenant that gave it up', async () => {
    const fleet = await MemoryFleet.start({
      labels: LABELS,
      launchers: [
        [{ limits: { instances: 1 }, pools: [{ labels: ['small'] }, { labels: ['rare'] }] }],
      ],
      tenants: [{ 'tenant-name': TENANT, 'max-servers': 1 }],
    });
    const [cloud] = fleet.clouds.values();
    const ask = async (label: string): Promise<string> => {
      const id = await fleet.submit({ node_types: [label], tenant_name: TENANT });
      await fleet.settle();
      for (const launch of cloud?.pending.values() ?? []) launch.end('ready');
      await fleet.settle();
      return id;
    };
    const first = await ask('small');
    assert.equal(fleet.request(first)?.state, 'fulfilled');
    await fleet.cancel(first);
    await fleet.settle();
    const second = await ask('rare');
    await ask('nobody has this');
    assert.equal(fleet.request(second)?.state, 'fulfilled');
  });

  it('let no two requests hold each other up for ever, of two pools with one cloud', async () => {
    const fleet = await MemoryFleet.start({
      labels: LABELS,
      launchers: [
        [
          {
            limits: { instances: 4 },
            pools: [{ labels: ['small'] }, { labels: ['rare'], options: { priority: 50 } }],
          },
        ],
      ],
    });
    const [cloud] = fleet.clouds.values();
    const endAll = async (): Promise<void> => {
      for (const launch of cloud?.pending.values() ?? []) launch.end('ready');
      await fleet.settle();
    };
    const first = await fleet.submit({ node_types: ['small', 'small', 'small'] });
    await fleet.settle();
    const second = await fleet.submit({ node_types: ['rare', 'rare', 'rare'] });
    await fleet.settle();
    const refused = [...(cloud?.pending.values() ?? [])].find(({ request }) => request === first);
    refused?.end('full');
    await fleet.settle();
    const ofSecond = [...(cloud?.pending.values() ?? [])].filter((one) => one.request === second);
    assert.equal(ofSecond.length, 2, 'each has two of three, and nobody can have the third');
    await endAll();
    await endAll();
    assert.equal(fleet.request(first)?.state, 'fulfilled', 'the second has given way');
    await fleet.use(first);
    await fleet.giveBack();
    await endAll();
    await endAll();
    assert.equal(fleet.request(second)?.state, 'fulfilled');
  });

  it('serve in the order of priority, also when it changes while requests wait', async () => {
    const arrival = fc.record({
      priority: fc.constantFrom('100', '200'),
      relative_priority: fc.nat(3),
    });
    const change = fc.record({ which: fc.nat(20), relative_priority: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { minLength: 2, maxLength: 8 }),
        fc.array(change, { maxLength: 8 }),
        async (arrivals, changes) => {
          const options = { 'max-servers': 1 };
          const plan = {
            labels: LABELS,
            launchers: [[{ pools: [{ labels: ['small'], options }] }]],
          };
          const fleet = await MemoryFleet.start(plan);
          const ids: string[] = [];
          for (const { priority, ...fields } of arrivals) {
            ids.push(await fleet.submit({ node_types: ['small'], ...fields }, priority));
          }
          await fleet.settle();
          for (const next of ids.map((_, index) => changes[index])) {
            const waiting = waitingIn(fleet, ids);
            const chosen = next && waiting[next.which % waiting.length];
            if (chosen) await fleet.change(chosen.id, next);
            await fleet.settle();
            await serveOne(fleet, ids);
          }
          assert.deepEqual(
            ids.filter((id) => fleet.request(id)),
            [],
            'all are served',
          );
        },
      ),
      { numRuns: 40, includeErrorInReport: true },
    );
  });
});

function waitingIn(fleet: MemoryFleet, ids: readonly string[]) {
  return ids.flatMap((id) => {
    const record = fleet.request(id);
    return record?.state === 'requested' ? [stored(id, record)] : [];
  });
}

/** Ends the launch, uses the node, gives it back: whoever is taken next must be the first in order. */
async function serveOne(fleet: MemoryFleet, ids: readonly string[]): Promise<void> {
  const before = waitingIn(fleet, ids).sort(compareRequests);
  for (const cloud of fleet.clouds.values()) {
    for (const launch of cloud.pending.values()) launch.end('ready');
  }
  await fleet.settle();
  for (const id of ids) if (fleet.request(id)?.state === 'fulfilled') await fleet.use(id);
  await fleet.giveBack();
  await fleet.settle();
  const after = new Set(waitingIn(fleet, ids).map(({ id }) => id));
  const taken = before.filter(({ id }) => !after.has(id));
  assert.deepEqual(taken, before.slice(0, taken.length), 'taken in order');
}
