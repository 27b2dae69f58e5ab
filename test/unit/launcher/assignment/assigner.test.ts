/** The assigner with pools, requests and locks that the test makes up, and a clock turned by hand. */
import assert from 'node:assert/strict';

import { ManualClock, settle } from '../../../../fixtures/clock.ts';
import { Answers, type PoolDecision } from '../../../../launcher/assignment/answers.ts';
import { Assigner, chooseAccepting } from '../../../../launcher/assignment/assigner.ts';
import type { RegisteredPool } from '../../../../launcher/assignment/pool-view.ts';
import type { Context } from '../../../../launcher/context.ts';
import type { Pool } from '../../../../launcher/pools/pool.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { StoredRequest } from '../../../../shared/store/requests.ts';
import { WaitingRequests } from '../../../../shared/store/waiting.ts';
import {
  onlinePools,
  poolView,
  registered,
  request,
  stored,
} from '../../../support/launcher-world.ts';

/** What the assigner asks of a pool. */
class FakePool {
  readonly id: string;
  readonly provider = { name: 'cloud', ledger: { launching: 0 } };
  readonly config: { priority: number; labels: ReadonlyMap<string, unknown> };
  /** What it knows beside its id and who is online. */
  knows: Parameters<typeof poolView>[0] = {};
  isOpen = true;
  isBlocked = false;
  /** Called for each look at a request. */
  onLook: () => void = () => undefined;

  constructor(id: string, labels: readonly string[]) {
    this.id = id;
    this.config = { priority: 100, labels: new Map(labels.map((label) => [label, {}])) };
  }

  get key(): string {
    return `cloud-${this.id}`;
  }

  get name(): string {
    return this.id;
  }

  view(online: readonly RegisteredPool[]): ReturnType<typeof poolView> {
    this.onLook();
    return poolView({ id: this.id, registered: online, ...this.knows });
  }

  get asPool(): Pool {
    return this as unknown as Pool;
  }
}

class World {
  readonly clock = new ManualClock();
  readonly waiting = new WaitingRequests();
  readonly requests = new Map<string, StoredRequest>();
  readonly pools: FakePool[] = [];
  readonly served: string[] = [];
  readonly answers = new Answers(() => this.clock.now());
  /** Declines: request, state, and all who have declined. */
  readonly written: string[] = [];
  readonly failures: string[] = [];
  /** Requests whose lock somebody else has. */
  readonly locked = new Set<string>();
  /** Tries to get a lock, and whether they fail for want of a connection. */
  tries = 0;
  isAway = false;
  isCurrent = true;
  /** Time that passes within one turn of the event loop. */
  lateMs = 0;
  /** How many requests may be begun in all. */
  mayServe = Infinity;
  online: RegisteredPool[] = [];
  onServe: (pool: Pool) => void = () => undefined;
  readonly assigner: Assigner;

  constructor() {
    this.assigner = new Assigner({
      context: this.#context(),
      pools: {
        all: () => this.pools.map((pool) => pool.asPool),
        byId: (id) => this.pools.find((pool) => pool.id === id)?.asPool,
      },
      online: onlinePools(() => this.online),
      isStarting: () => false,
      answers: this.answers,
      mayStart: () => this.served.length < this.mayServe,
      serve: (pool, { id }) => {
        this.served.push(`${id} ${pool.id}`);
        this.onServe(pool);
      },
    });
  }

  pool(id: string, labels = ['small', 'large']): FakePool {
    const pool = new FakePool(id, labels);
    this.pools.push(pool);
    this.online.push(registered({ id, labels: new Set(labels) }));
    return pool;
  }

  request(id: string, fields: Partial<RequestRecord> = {}): void {
    const before = this.requests.get(id);
    const after = stored(id, request(fields), (before?.version ?? -1) + 1);
    this.requests.set(id, after);
    this.waiting.replace(before, after);
  }

  #context(): Context {
    const isCurrent = (): boolean => this.isCurrent;
    const store = {
      get isCurrent() {
        return isCurrent();
      },
      requests: {
        waiting: this.waiting,
        get: (id: string) => this.requests.get(id),
        take: (one: StoredRequest, patch: Partial<RequestRecord>) => this.#take(one, patch),
      },
    };
    return {
      store: store as unknown as Context['store'],
      clock: {
        now: () => this.clock.now(),
        monotonic: () => this.clock.monotonic() + this.lateMs,
        after: (ms, fn) => this.clock.after(ms, fn),
      },
      random: () => 0.5,
      log: silentLogger,
      metrics: undefined as unknown as Context['metrics'],
      supervise: (what, work) => {
        work.catch(() => this.failures.push(what));
      },
    };
  }

  async #take(one: StoredRequest, patch: Partial<RequestRecord>): Promise<unknown> {
    this.tries++;
    await Promise.resolve();
    if (this.isAway) throw new Error('no connection');
    if (this.locked.has(one.id)) return undefined;
    const record = { ...one.record, ...patch };
    this.request(one.id, record);
    this.written.push([one.id, record.state, ...record.declined_by].join(' '));
    return { release: () => Promise.resolve() };
  }
}

const first = '100-0000000001';
const second = '100-0000000002';
const third = '100-0000000003';
const urgent = '050-0000000009';

describe('the assigner', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('serves what changed in the order of service, not of arrival', async () => {
    world.pool('own');
    world.request(third, { relative_priority: -1 });
    for (const id of [second, first, urgent]) world.request(id);
    for (const id of [second, third, first, urgent]) world.assigner.requestChanged(id);
    await settle();
    assert.deepEqual(
      world.served,
      [urgent, third, first, second].map((id) => `${id} own`),
    );
  });

  it('begins no more than may begin, and takes an urgent latecomer first', async () => {
    world.pool('own');
    world.mayServe = 1;
    for (const id of [first, second, third]) {
      world.request(id);
      world.assigner.requestChanged(id);
    }
    await settle();
    world.request(urgent);
    world.assigner.requestChanged(urgent);
    await settle();
    assert.deepEqual(world.served, [`${first} own`]);
    world.mayServe = Infinity;
    world.assigner.resume();
    await settle();
    assert.deepEqual(
      world.served,
      [first, urgent, second, third].map((id) => `${id} own`),
    );
  });

  it('serves all that waits in the same order when everything has changed', async () => {
    world.pool('own');
    for (const id of [second, first, urgent]) world.request(id);
    world.assigner.everythingChanged();
    await settle();
    assert.deepEqual(
      world.served,
      [urgent, first, second].map((id) => `${id} own`),
    );
  });

  it('looks at what a changed pool could serve, until it is full', async () => {
    const pool = world.pool('own', ['small']);
    world.online.push(registered({ id: 'foreign', labels: new Set(['large']) }));
    world.request(first, { node_types: ['large'] });
    world.request(second);
    world.request(third);
    world.onServe = () => {
      pool.isOpen = false;
    };
    let looks = 0;
    pool.onLook = () => looks++;
    world.assigner.poolChanged(pool.asPool);
    await settle();
    assert.deepEqual(world.served, [`${second} own`]);
    assert.equal(looks, 1);
  });

  it('serves a request once, however often it changes', async () => {
    world.pool('own');
    world.request(first);
    for (let turn = 0; turn < 3; turn++) {
      world.assigner.requestChanged(first);
      world.assigner.everythingChanged();
      await settle();
    }
    assert.deepEqual(world.served, [`${first} own`]);
    assert.equal(world.assigner.isBusy(first), true);
  });

  it('looks again at once at a request that comes back', async () => {
    world.pool('own');
    world.request(first);
    world.assigner.requestChanged(first);
    await settle();
    world.assigner.requestDone(first, true);
    await settle();
    assert.deepEqual(world.served, [`${first} own`, `${first} own`]);
  });

  it('decides nothing while the caches are old', async () => {
    world.pool('own');
    world.request(first);
    world.isCurrent = false;
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual(world.served, []);
    world.isCurrent = true;
    world.assigner.everythingChanged();
    await settle();
    assert.deepEqual(world.served, [`${first} own`]);
  });

  it('takes nothing once it is stopped', async () => {
    world.pool('own');
    world.request(first);
    world.assigner.requestChanged(first);
    world.assigner.stop();
    await settle();
    world.assigner.everythingChanged();
    await settle();
    assert.deepEqual(world.served, []);
  });

  it('lets a pool decide only once others see it online', async () => {
    world.pool('own');
    world.online = [];
    world.request(first);
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual([world.served, world.written], [[], []]);
  });

  it('writes the declines of all its pools in one go', async () => {
    for (const id of ['one', 'two']) world.pool(id).knows = { poolLimits: { instances: 0 } };
    world.online.push(registered({ id: 'foreign', labels: new Set() }));
    world.request(first);
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual(world.written, [`${first} requested one two`]);
    assert.equal(world.tries, 1);
  });

  it('fails a request that nobody online is left for', async () => {
    world.pool('one').knows = { poolLimits: { instances: 0 } };
    world.online.push(registered({ id: 'foreign' }));
    world.request(first, { declined_by: ['foreign'] });
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual(world.written, [`${first} failed foreign one`]);
  });

  it('serves rather than declines where one of its pools accepts', async () => {
    world.pool('one').knows = { labels: { small: { hasImage: false } } };
    world.pool('two');
    world.request(first);
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual([world.served, world.written], [[`${first} two`], []]);
  });

  it('says that a full pool is not to be waited for', async () => {
    const full = world.pool('full');
    full.knows = { poolLimits: { instances: 1 }, poolUsed: { instances: 1 } };
    world.online.push(registered({ id: 'foreign' }));
    world.request(first);
    world.assigner.requestChanged(first);
    await settle();
    assert.equal(full.isBlocked, true);
    assert.deepEqual(world.served, []);
  });

  describe('when somebody else has the lock', () => {
    beforeEach(() => {
      world.pool('own').knows = { poolLimits: { instances: 0 } };
      world.request(first);
      world.locked.add(first);
      world.assigner.requestChanged(first);
    });

    it('tries again with growing pauses, at last once a second', async () => {
      await settle();
      const tries = [world.tries];
      for (const ms of [19, 1, 39, 1, 80, 160, 320, 640, 1000, 1000]) {
        await world.clock.advance(ms);
        tries.push(world.tries);
      }
      assert.deepEqual(tries, [1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it('does not try more often for what happens meanwhile', async () => {
      await settle();
      world.assigner.requestChanged(first);
      world.assigner.everythingChanged();
      await settle();
      assert.equal(world.tries, 1);
    });

    it('does its work when the lock is free', async () => {
      await settle();
      world.locked.clear();
      await world.clock.advance(20);
      assert.deepEqual(world.written, [`${first} failed own`]);
      assert.equal(world.clock.pending, 0);
    });

    it('leaves a request alone that is gone by then', async () => {
      await settle();
      world.waiting.replace(world.requests.get(first), undefined);
      world.requests.delete(first);
      world.assigner.requestGone(first);
      await world.clock.advance(5000);
      assert.equal(world.tries, 1);
    });
  });

  it('reports a decline that could not be written, and tries it again', async () => {
    world.pool('own').knows = { poolLimits: { instances: 0 } };
    world.request(first);
    world.isAway = true;
    world.assigner.requestChanged(first);
    await settle();
    assert.deepEqual(world.failures, ['decline a request']);
    world.isAway = false;
    await world.clock.advance(20);
    assert.deepEqual(world.written, [`${first} failed own`]);
  });

  it('looks at a thousand requests that cannot be served now as if they were one', async () => {
    const pools = [world.pool('one'), world.pool('two')];
    let looks = 0;
    for (const pool of pools) {
      pool.knows = { isWaiting: true };
      pool.onLook = () => looks++;
    }
    for (let number = 0; number < 1000; number++) {
      world.request(`100-${String(number).padStart(10, '0')}`);
    }
    world.assigner.everythingChanged();
    await settle();
    assert.equal(looks, pools.length);
    assert.equal(world.answers.of('100-0000000999').length, pools.length);
  });

  it('decides anew after each request that it serves, since that takes room', async () => {
    const pool = world.pool('own');
    for (const id of [first, second]) world.request(id);
    world.onServe = () => {
      pool.knows = { isWaiting: true };
    };
    world.assigner.everythingChanged();
    await settle();
    assert.deepEqual(world.served, [`${first} own`]);
  });

  it('lets the event loop go on when a turn takes long', async () => {
    const pool = world.pool('own');
    pool.onLook = () => {
      world.lateMs += 9;
    };
    for (const id of [first, second, third]) world.request(id);
    world.assigner.everythingChanged();
    const seen: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(world.served.length);
    }
    assert.deepEqual(seen, [1, 2, 3, 3]);
  });
});

describe('chooseAccepting', () => {
  const plan = { nodes: [], availabilityZone: undefined };

  function accepting(id: string, rank: { fits?: boolean; priority?: number; launching?: number }) {
    const { fits = true, priority = 100, launching = 0 } = rank;
    const pool = { id, config: { priority }, provider: { ledger: { launching } } };
    const decision = { kind: 'accept', plan, need: {}, fitsNow: fits } as const;
    return { pool: pool as unknown as Pool, decision };
  }
  const chosen = (decisions: readonly PoolDecision[], random: () => number = () => 0.5) =>
    chooseAccepting(decisions, random)?.pool.id;

  it('answers none where nobody accepts', () => {
    const { pool } = accepting('a', {});
    assert.equal(chosen([{ pool, decision: { kind: 'ignore' } }]), undefined);
    assert.equal(chosen([]), undefined);
  });

  it('prefers where it fits now to a better priority', () => {
    const decisions = [accepting('a', { fits: false, priority: 1 }), accepting('b', {})];
    assert.equal(chosen(decisions), 'b');
    assert.equal(chosen(decisions.toReversed()), 'b');
  });

  it('prefers a better priority to fewer launches', () => {
    const decisions = [accepting('a', {}), accepting('b', { priority: 50, launching: 9 })];
    assert.equal(chosen(decisions), 'b');
    assert.equal(chosen(decisions.toReversed()), 'b');
  });

  it('prefers fewer launches to chance', () => {
    const decisions = [accepting('a', { launching: 2 }), accepting('b', { launching: 1 })];
    const values = [0.1, 0.9];
    assert.equal(
      chosen(decisions, () => values.shift() ?? 0),
      'b',
    );
  });

  it('leaves equals to chance', () => {
    const decisions = [accepting('a', {}), accepting('b', {})];
    for (const [values, winner] of [
      [[0.1, 0.9], 'a'],
      [[0.9, 0.1], 'b'],
    ] as const) {
      const rest = [...values];
      assert.equal(
        chosen(decisions, () => rest.shift() ?? 0),
        winner,
      );
    }
  });
});
