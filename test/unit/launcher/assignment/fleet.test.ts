/**
 * Properties of `decide` over random worlds, for one pool and for a whole fleet that decides on one
 * request.
 */
import assert from 'node:assert/strict';

import fc from 'fast-check';

import { candidatesFor, decide, kindOf } from '../../../../launcher/assignment/decide.ts';
import type { PoolView, RegisteredPool } from '../../../../launcher/assignment/pool-view.ts';
import { MIN_READY_REQUESTOR, type RequestRecord } from '../../../../schemas/records/request.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { poolView, request } from '../../../support/launcher-world.ts';

const labelNames = ['a', 'b', 'c'];
const providers = ['p1', 'p2'];
const poolIds = ['own', 'x', 'y', 'z'];

const amounts = (max: number): fc.Arbitrary<Quota> =>
  fc.record(
    { instances: fc.integer({ min: 0, max }), cores: fc.integer({ min: 0, max }) },
    { requiredKeys: [] },
  );

const labelView = fc.record({
  offline: fc.option(fc.constant('refused'), { nil: undefined, freq: 9 }),
  need: fc.record({ instances: fc.constant(1), cores: fc.integer({ min: 0, max: 3 }) }),
  hasImage: fc.constantFrom(true, true, true, false),
});

const wish: fc.Arbitrary<RequestRecord> = fc
  .record({
    node_types: fc.array(fc.constantFrom(...labelNames), { minLength: 1, maxLength: 4 }),
    declined_by: fc.subarray(poolIds),
    reuse: fc.boolean(),
    provider: fc.option(fc.constantFrom(...providers, 'nobody')),
    requestor: fc.constantFrom('zuul', MIN_READY_REQUESTOR),
  })
  .map(request);

const freeNodes = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.record({
        id: fc.constant(String(id)),
        labels: fc.subarray(labelNames, { minLength: 1 }),
        availabilityZone: fc.constantFrom(null, 'az1', 'az2'),
      }),
    ),
  ),
);

/** What one pool knows of itself. */
const facts = fc.record({
  provider: fc.constantFrom(...providers),
  priority: fc.constantFrom(50, 100),
  labels: fc.record(Object.fromEntries(labelNames.map((name) => [name, labelView])), {
    requiredKeys: [],
  }),
  free: freeNodes,
  isDrained: fc.constantFrom(false, false, false, true),
  poolLimits: amounts(6),
  poolUsed: amounts(6),
  providerLimits: amounts(6),
  providerUsed: amounts(6),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function registration(id: string, pool: Facts, isPaused: boolean): RegisteredPool {
  const { provider, priority, isDrained } = pool;
  const labels = new Set(Object.keys(pool.labels));
  return { id, provider, priority, labels, isPaused: isPaused || isDrained, isDrained };
}

function viewOf(id: string, pool: Facts, more: Partial<PoolView>): PoolView {
  const { labels, isDrained, ...rest } = pool;
  const drained = isDrained ? 'the provider is drained' : undefined;
  return poolView({ id, ...rest, labels, drained, ...more });
}

const fleet = fc.array(facts, { minLength: 1, maxLength: poolIds.length });

/** A pool in the company of others. */
const world = fc.record({
  request: wish,
  pools: fleet,
  paused: fc.subarray(poolIds),
  isWaiting: fc.boolean(),
  launching: fc.integer({ min: 0, max: 3 }),
  maxConcurrency: fc.constantFrom(0, 1, 2, Infinity),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function viewIn(one: World): PoolView {
  const registered = one.pools.map((pool, index) => {
    const id = poolIds[index] ?? '';
    return registration(id, pool, one.paused.includes(id));
  });
  const { isWaiting, launching, maxConcurrency } = one;
  const [own] = one.pools;
  assert.ok(own);
  return viewOf('own', own, { registered, isWaiting, launching, maxConcurrency });
}

function exceeds(limits: Quota, used: Quota, need: Quota): boolean {
  return Object.entries(need).some(
    ([name, wanted]) => wanted > 0 && (used[name] ?? 0) + wanted > (limits[name] ?? Infinity),
  );
}

function always(claim: (one: World, view: PoolView) => void): void {
  fc.assert(
    fc.property(world, (one) => {
      claim(one, viewIn(one));
    }),
    { numRuns: 1000 },
  );
}

describe('decide, in any world,', () => {
  it('accepts as fitting only what exceeds no limit', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'accept' || !decision.fitsNow) return;
      assert.ok(!exceeds(view.poolLimits, view.poolUsed, decision.need));
      assert.ok(!exceeds(view.providerLimits, view.providerUsed, decision.need));
    });
  });

  it('says that a request must wait only if a limit is in the way now, but not for ever', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'accept' || decision.fitsNow) return;
      assert.ok(
        exceeds(view.poolLimits, view.poolUsed, decision.need) ||
          exceeds(view.providerLimits, view.providerUsed, decision.need),
      );
      assert.ok(!exceeds(view.poolLimits, {}, decision.need));
      assert.ok(!exceeds(view.providerLimits, {}, decision.need));
    });
  });

  it('counts the need of exactly the nodes that are to be launched', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'accept') return;
      const launches = one.request.node_types.filter((_, at) => !decision.plan.nodes[at]);
      const cores = launches.reduce((sum, name) => sum + (view.label(name)?.need.cores ?? 0), 0);
      assert.equal(decision.need.instances ?? 0, launches.length);
      assert.equal(decision.need.cores ?? 0, cores);
    });
  });

  it('takes no node twice, none without the label, and none that may not be reused', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'accept') return;
      const taken = decision.plan.nodes.filter((id) => id !== undefined);
      assert.equal(new Set(taken).size, taken.length);
      if (!one.request.reuse) assert.deepEqual(taken, []);
      for (const [at, id] of decision.plan.nodes.entries()) {
        if (id === undefined) continue;
        const label = one.request.node_types[at] ?? '';
        assert.ok(view.freeNodes(label).some((free) => free.id === id));
      }
    });
  });

  it('decides once: never again on what the pool has declined', () => {
    always((one, view) => {
      const { kind } = decide(one.request, view);
      assert.equal(kind === 'ignore', one.request.declined_by.includes('own'));
    });
  });

  it('never answers before a better pool that is open and need not yield itself', () => {
    always((one, view) => {
      const isPreferred = one.request.provider === view.provider;
      const better = candidatesFor(one.request, view.registered).some(
        (pool) =>
          pool.priority < view.priority &&
          !pool.isPaused &&
          !(isPreferred && pool.provider !== view.provider),
      );
      if (better) assert.match(decide(one.request, view).kind, /^(defer|ignore)$/);
    });
  });

  it('looks at nothing in a request but what its kind names', () => {
    const full = { limits: { instances: 0 }, used: {} };
    always((one, view) => {
      const known = { ...view, tenant: (name: string) => (name === 'acme' ? full : undefined) };
      const wanted = { ...one.request, tenant_name: 'acme' };
      const kind = kindOf(wanted, view.nowSeconds);
      for (const key of Object.keys(wanted)) {
        const other = { ...wanted, [key]: ['something', 'else'] };
        if (kindOf(other, view.nowSeconds) !== kind) continue;
        assert.deepEqual(decide(other, known), decide(wanted, known));
      }
    });
  });

  it('needs to know only of pools that have the labels, while one of them has not declined', () => {
    always((one, view) => {
      const able = view.registered.filter((pool) =>
        one.request.node_types.every((label) => pool.labels.has(label)),
      );
      const decision = decide(one.request, view);
      assert.deepEqual(decide(one.request, { ...view, registered: able }), decision);
      const isHopeless = able.every(({ id }) => one.request.declined_by.includes(id));
      const isAble = able.some(({ id }) => id === view.id);
      if (!isAble && !isHopeless) assert.match(decision.kind, /^(defer|ignore)$/);
    });
  });

  it('takes nothing while it waits, or at its highest concurrency', () => {
    always((one, view) => {
      if (!view.isWaiting && view.launching < view.maxConcurrency) return;
      assert.notEqual(decide(one.request, view).kind, 'accept');
    });
  });

  it('takes nothing while it is drained, and says so of what it could serve', () => {
    always((one, view) => {
      const open = decide(one.request, { ...view, drained: undefined });
      const drained = decide(one.request, { ...view, drained: 'drained' });
      assert.notEqual(drained.kind, 'accept');
      if (open.kind !== 'accept') return;
      assert.ok(drained.kind === 'defer' || drained.kind === 'decline');
      assert.match(drained.reasons.map(({ code }) => code).join(), /^(draining|provider-drained)$/);
    });
  });

  it('never says no for its drain while nobody else could serve the request', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'decline' || one.request.requestor === MIN_READY_REQUESTOR) return;
      if (decision.reasons.every(({ code }) => code !== 'provider-drained')) return;
      assert.ok(candidatesFor(one.request, view.registered).some((pool) => !pool.isDrained));
    });
  });

  it('never lets a standby request wait for quota', () => {
    always((one, view) => {
      if (one.request.requestor !== MIN_READY_REQUESTOR) return;
      const decision = decide(one.request, view);
      if (decision.kind === 'accept') assert.ok(decision.fitsNow);
      if (decision.kind !== 'defer') return;
      assert.ok(decision.reasons.every((reason) => reason.code !== 'quota-here-not-elsewhere'));
    });
  });

  it('declines for a reason only: a fault of a label, too little room in all, or none for stock', () => {
    always((one, view) => {
      const decision = decide(one.request, view);
      if (decision.kind !== 'decline') return;
      const { node_types } = one.request;
      const isFaulty = node_types.some((name) => {
        const label = view.label(name);
        return !label?.hasImage || label.offline !== undefined;
      });
      const need: Quota = {
        instances: node_types.length,
        cores: node_types.reduce((sum, name) => sum + (view.label(name)?.need.cores ?? 0), 0),
      };
      const isTooLarge =
        exceeds(view.poolLimits, {}, need) || exceeds(view.providerLimits, {}, need);
      const isDisabled = view.poolLimits.instances === 0;
      const isStock = decision.reasons.every((reason) => reason.code === 'no-room-for-stock');
      const isDrained = decision.reasons.every((reason) => reason.code === 'provider-drained');
      assert.ok(
        isFaulty ||
          isTooLarge ||
          isDisabled ||
          isStock ||
          (isDrained && view.drained !== undefined),
      );
    });
  });
});

describe('a fleet of pools', () => {
  /** One look of every pool, after which those that leave it to others say that they are full. */
  function look(
    wanted: RequestRecord,
    pools: readonly Facts[],
    paused: Set<string>,
    ids: readonly string[] = poolIds,
  ): string[] {
    const registered = pools.map((pool, at) =>
      registration(ids[at] ?? '', pool, paused.has(ids[at] ?? '')),
    );
    const kinds: string[] = [];
    for (const [at, pool] of pools.entries()) {
      const id = ids[at] ?? '';
      const decision = decide(wanted, viewOf(id, pool, { registered }));
      const isDraining =
        decision.kind === 'defer' && decision.reasons.some(({ code }) => code === 'draining');
      kinds.push(isDraining ? 'draining' : decision.kind);
      if (decision.kind !== 'defer') continue;
      if (decision.reasons.some((reason) => reason.code === 'quota-here-not-elsewhere')) {
        paused.add(id);
      }
    }
    return kinds;
  }

  it('comes to an answer on every request, in at most one look for each pool and one more', () => {
    fc.assert(
      fc.property(wish, fleet, (wanted, pools) => {
        const online = poolIds.slice(0, pools.length);
        if (online.every((id) => wanted.declined_by.includes(id))) return;
        const paused = new Set<string>();
        for (let turn = 0; turn <= pools.length; turn++) {
          const kinds = look(wanted, pools, paused);
          if (kinds.includes('accept') || kinds.includes('decline')) return;
          // Then the others leave it to the drained ones, which could serve it.
          if (turn === pools.length && kinds.includes('draining')) return;
        }
        assert.fail('every pool waits for another one');
      }),
      { numRuns: 2000 },
    );
  });

  it('serves what a pool that is not drained would serve if the drained ones were not there', () => {
    fc.assert(
      fc.property(wish, fleet, (wanted, pools) => {
        fc.pre(wanted.requestor !== MIN_READY_REQUESTOR);
        const isServed = (among: readonly Facts[], ids: readonly string[]): boolean => {
          let now: RequestRecord = { ...wanted, declined_by: [] };
          const paused = new Set<string>();
          for (let turn = 0; turn < 3 * poolIds.length + 3; turn++) {
            const kinds = look(now, among, paused, ids);
            if (kinds.includes('accept')) return true;
            const declining = ids.filter((_, at) => kinds[at] === 'decline');
            now = { ...now, declined_by: [...now.declined_by, ...declining] };
          }
          return false;
        };
        const ids = poolIds.slice(0, pools.length);
        const isOpen = (at: number): boolean => pools[at]?.isDrained === false;
        const open = pools.filter((_, at) => isOpen(at));
        if (
          isServed(
            open,
            ids.filter((_, at) => isOpen(at)),
          )
        )
          assert.ok(isServed(pools, ids));
      }),
      { numRuns: 2000 },
    );
  });

  it('fails a request only after every pool has declined it', () => {
    fc.assert(
      fc.property(wish, fleet, (wanted, pools) => {
        let now: RequestRecord = { ...wanted, declined_by: [] };
        const online = poolIds.slice(0, pools.length);
        const paused = new Set<string>();
        for (let turn = 0; turn < 3 * poolIds.length + 3; turn++) {
          const kinds = look(now, pools, paused);
          if (kinds.includes('accept')) return;
          const declining = online.filter((_, at) => kinds[at] === 'decline');
          now = { ...now, declined_by: [...now.declined_by, ...declining] };
          if (online.every((id) => now.declined_by.includes(id))) return;
          if (turn > 2 * poolIds.length && kinds.includes('draining')) return;
        }
        assert.fail('neither served nor failed, nor kept waiting by a drain');
      }),
      { numRuns: 2000 },
    );
  });
});
