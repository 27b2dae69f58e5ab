/**
 * Properties of launchers at work, over random worlds and random orders of events: whole launchers on
 * a ZooKeeper in memory, with clouds that keep their own books. A failure prints its seed.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RequestRecord } from '../../../schemas/records/request.ts';
import { compareRequests } from '../../../shared/store/waiting.ts';
import type { LaunchEnd } from '../../support/memory-cloud.ts';
import { MemoryFleet, type FleetPlan, type FleetProvider } from '../../support/memory-fleet.ts';
import { stored } from '../../support/launcher-world.ts';

const LABELS = {
  small: { instances: 1, cores: 1 },
  large: { instances: 1, cores: 4 },
  rare: { instances: 1, cores: 2 },
};
const names = Object.keys(LABELS) as (keyof typeof LABELS)[];
const TENANT = 'acme';

const pool = fc.record({
  labels: fc.subarray(names, { minLength: 1 }),
  options: fc.record(
    {
      'max-servers': fc.integer({ min: 0, max: 4 }),
      'max-cores': fc.integer({ min: 1, max: 8 }),
      priority: fc.constantFrom(50, 100),
    },
    { requiredKeys: [] },
  ),
});

const provider: fc.Arbitrary<FleetProvider> = fc.record({
  limits: fc.record(
    { instances: fc.integer({ min: 1, max: 5 }), cores: fc.integer({ min: 1, max: 10 }) },
    { requiredKeys: [] },
  ),
  foreign: fc.constantFrom({}, { instances: 1, cores: 1 }),
  options: fc.record({ 'max-concurrency': fc.constantFrom(-1, 0, 1, 2) }, { requiredKeys: [] }),
  pools: fc.array(pool, { minLength: 1, maxLength: 2 }),
});

/** What happens in one step. Numbers choose among what there is. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      /** At the same moment. */
      count: fc.integer({ min: 1, max: 4 }),
      node_types: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      priority: fc.constantFrom('100', '200', '300'),
      relative_priority: fc.nat(3),
      provider: fc.constantFrom(null, null, null, 'p0', 'p1', 'nowhere'),
      tenant_name: fc.constantFrom(null, TENANT),
      reuse: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end-launch' as const),
      which: fc.nat(20),
      how: fc.constantFrom<LaunchEnd>('ready', 'ready', 'ready', 'failed', 'full'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('use' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reprioritise' as const),
      which: fc.nat(20),
      relative_priority: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-back' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A fleet with the requests that were made of it. */
class Play {
  readonly fleet: MemoryFleet;
  readonly plan: FleetPlan;
  readonly requests: string[] = [];
  readonly #asked = new Map<
    string,
    Pick<RequestRecord, 'node_types' | 'tenant_name' | 'provider'>
  >();
  /** Requests for which a launch has failed: they may be declined by pools that could serve them. */
  readonly unlucky = new Set<string>();
  readonly failed = new Set<string>();
  /** The cloud said that it was full where it was not. */
  wasFull = false;

  constructor(fleet: MemoryFleet, plan: FleetPlan) {
    this.fleet = fleet;
    this.plan = plan;
  }

  async step(one: Step): Promise<void> {
    const { fleet, requests } = this;
    switch (one.do) {
      case 'submit': {
        const {
          priority,
          node_types,
          relative_priority,
          provider: wanted,
          tenant_name,
          reuse,
        } = one;
        const fields = { node_types, relative_priority, provider: wanted, tenant_name, reuse };
        const all = Array.from({ length: one.count }, () => fleet.submit(fields, priority));
        for (const id of await Promise.all(all)) {
          requests.push(id);
          this.#asked.set(id, fields);
        }
        break;
      }
      case 'end-launch':
        this.#endLaunch(one.which, one.how);
        break;
      case 'use': {
        const id = this.#choose(one.which, 'fulfilled');
        if (id !== undefined) await fleet.use(id);
        break;
      }
      case 'cancel': {
        const id = requests[one.which % requests.length];
        if (id !== undefined) await fleet.cancel(id);
        break;
      }
      case 'reprioritise': {
        const id = this.#choose(one.which, 'requested');
        const { relative_priority } = one;
        if (id !== undefined) await fleet.change(id, { relative_priority });
        break;
      }
      case 'give-back':
        await fleet.giveBack();
        break;
      case 'wait':
        await fleet.clock.advance(one.ms);
    }
    await fleet.settle();
    this.check();
  }

  /** Nothing more is asked for, all launches succeed, and Zuul gives everything back. */
  async loadEnds(): Promise<void> {
    const { fleet } = this;
    for (let round = 0; round < 40; round++) {
      for (const cloud of fleet.clouds.values()) {
        for (const launch of cloud.pending.values()) launch.end('ready');
      }
      await fleet.settle();
      this.check();
      for (const id of this.#inState('fulfilled')) await fleet.use(id);
      await fleet.giveBack();
      await fleet.clock.advance(3000);
      await fleet.settle();
      this.check();
      if (this.#inState('requested', 'pending', 'fulfilled').length === 0) return;
    }
  }

  /** What must hold at any moment. */
  check(): void {
    const { fleet } = this;
    for (const [name, cloud] of fleet.clouds) {
      if (!this.wasFull) assert.deepEqual(cloud.overshoots, [], `more than the cloud ${name} has`);
      const own = this.#provider(name);
      const { limits = {}, foreign = {} } = own;
      const used = fleet.used((node) => node.provider === name);
      for (const [resource, limit] of Object.entries(limits)) {
        const left = limit - ((foreign as Record<string, number>)[resource] ?? 0);
        assert.ok((used[resource] ?? 0) <= Math.max(0, left), `${name}: more ${resource}`);
      }
      for (const [index, { options }] of own.pools.entries()) {
        const inPool = fleet.used((node) => node.provider === name && node.pool === `q${index}`);
        assert.ok((inPool.instances ?? 0) <= Number(options?.['max-servers'] ?? Infinity));
        assert.ok((inPool.cores ?? 0) <= Number(options?.['max-cores'] ?? Infinity));
      }
    }
    if (this.plan.launchers.length === 1) {
      // A free node is charged to nobody, whoever had it before.
      const ofTenant = fleet.used(
        ({ tenant_name, allocated_to }) => tenant_name === TENANT && allocated_to !== null,
      );
      for (const limits of this.plan.tenants ?? []) {
        assert.ok((ofTenant.cores ?? 0) <= Number(limits['max-cores']), 'more than the tenant may');
      }
    }
    for (const id of this.#inState('failed')) this.failed.add(id);
  }

  /** Whether a pool could serve the request if it had the world for itself. */
  canEverBeServed(id: string): boolean {
    const record = this.#asked.get(id);
    assert.ok(record);
    const need = record.node_types.map((label) => LABELS[label as keyof typeof LABELS]);
    const instances = need.length;
    const cores = need.reduce((sum, one) => sum + one.cores, 0);
    const tenantLimit = (this.plan.tenants ?? []).map((one) => Number(one['max-cores']));
    if (record.tenant_name === TENANT && tenantLimit.some((limit) => cores > limit)) return false;
    const able = [...this.fleet.clouds.keys()].filter((name) => {
      const { limits = {}, foreign = {}, options, pools } = this.#provider(name);
      if (options?.['max-concurrency'] === 0) return false;
      const left = (resource: string): number =>
        (limits[resource] ?? Infinity) - ((foreign as Record<string, number>)[resource] ?? 0);
      return pools.some(
        (one) =>
          record.node_types.every((label) => one.labels.includes(label)) &&
          instances <=
            Math.min(left('instances'), Number(one.options?.['max-servers'] ?? Infinity)) &&
          cores <= Math.min(left('cores'), Number(one.options?.['max-cores'] ?? Infinity)),
      );
    });
    return able.length > 0;
  }

  /**
   * A provider with the labels takes nothing for the time being. The request may wait for it if it was
   * asked for by name, or if the others have declined after failed launches.
   */
  waitsForWhoTakesNothing(id: string): boolean {
    const record = this.#asked.get(id);
    assert.ok(record);
    return [...this.fleet.clouds.keys()].some((name) => {
      const { options, pools } = this.#provider(name);
      const hasLabels = pools.some((one) =>
        record.node_types.every((label) => one.labels.includes(label)),
      );
      const isWanted = record.provider === name || this.unlucky.has(id);
      return options?.['max-concurrency'] === 0 && hasLabels && isWanted;
    });
  }

  left(): string[] {
    return this.#inState('requested', 'pending', 'fulfilled');
  }

  #provider(name: string): FleetProvider {
    const found = this.plan.launchers.flat()[Number(name.slice(1))];
    assert.ok(found);
    return found;
  }

  #endLaunch(which: number, how: LaunchEnd): void {
    const launches = [...this.fleet.clouds.values()].flatMap((one) => [...one.pending.values()]);
    const launch = launches[which % launches.length];
    if (!launch) return;
    if (how === 'failed') this.unlucky.add(launch.request);
    if (how === 'full') this.wasFull = true;
    launch.end(how);
  }

  #choose(which: number, state: string): string | undefined {
    const some = this.#inState(state);
    return some[which % some.length];
  }

  #inState(...states: string[]): string[] {
    return this.requests.filter((id) => states.includes(this.fleet.request(id)?.state ?? ''));
  }
}

async function play(plan: FleetPlan, steps: readonly Step[]): Promise<Play> {
  const one = new Play(await MemoryFleet.start(plan), plan);
  for (const next of steps) await one.step(next);
  return one;
}

describe('launchers, whatever is asked for and whatever happens,', function () {
  this.timeout(60_000);
  const fleets = fc
    .record({
      launchers: fc.array(fc.array(provider, { minLength: 1, maxLength: 2 }), {
        minLength: 1,
        maxLength: 2,
      }),
      tenants: fc.constantFrom([], [{ 'tenant-name': TENANT, 'max-cores': 6 }]),
      seed: fc.nat(1000),
    })
    .map((plan): FleetPlan => ({ ...plan, labels: LABELS }));

  it('never exceed a quota, give no node to two, and leave nobody waiting when the load ends', async () => {
    await fc.assert(
      fc.asyncProperty(fleets, fc.array(step, { maxLength: 25 }), async (plan, steps) => {
        const one = await play(plan, steps);
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
