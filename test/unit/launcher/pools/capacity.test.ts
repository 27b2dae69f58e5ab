import assert from 'node:assert/strict';

import fc from 'fast-check';

import { settle } from '../../../../fixtures/clock.ts';
import { Capacity, Ledger, type Reservation } from '../../../../launcher/pools/capacity.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { StoredRequest } from '../../../../shared/store/requests.ts';
import { request, stored } from '../../../support/launcher-world.ts';
import { addQuota, subtractQuota, type QuotaGap } from '../../../../shared/cloud/quota.ts';

const one: Quota = { instances: 1 };
/** Requests that came one after the other. */
const asked = (number: number): StoredRequest =>
  stored(`100-${String(number).padStart(10, '0')}`, request());
const never = (): AbortSignal => new AbortController().signal;

/** Pools of one provider, whose nodes the test counts itself. */
class Cloud {
  readonly ledger = new Ledger();
  poolLimits: Quota = {};
  providerLimits: Quota = {};
  poolUsed: Quota = {};
  providerUsed: Quota = {};
  readonly gaps: (readonly QuotaGap[])[] = [];

  pool(): Capacity {
    return new Capacity({
      provider: this.ledger,
      limits: () => ({
        poolLimits: this.poolLimits,
        poolUsed: this.poolUsed,
        providerLimits: this.providerLimits,
        providerUsed: this.providerUsed,
      }),
      onWaiting: (gaps) => this.gaps.push(gaps),
    });
  }
}

describe('the capacity of a pool', () => {
  let cloud: Cloud;
  beforeEach(() => {
    cloud = new Cloud();
  });

  it('is without end where there are no limits', () => {
    assert.deepEqual(cloud.pool().missing({ instances: 1e9 }), []);
  });

  it('ends with the pool or the cloud, whichever comes first', () => {
    const pool = cloud.pool();
    cloud.poolLimits = { instances: 3 };
    cloud.poolUsed = { instances: 3 };
    assert.deepEqual(pool.missing(one), [{ name: 'instances', need: 1, left: 0 }]);
    cloud.poolLimits = {};
    cloud.providerLimits = { instances: 5 };
    cloud.providerUsed = { instances: 6 };
    assert.deepEqual(pool.missing(one), [{ name: 'instances', need: 1, left: -1 }]);
  });

  it('counts what is only reserved', () => {
    cloud.poolLimits = { instances: 2 };
    const pool = cloud.pool();
    const reservation = pool.reserve(one);
    assert.deepEqual(pool.now.poolUsed, { instances: 1 });
    assert.equal(pool.missing({ instances: 2 }).length, 1);
    reservation.release();
    assert.deepEqual(pool.missing({ instances: 2 }), []);
  });

  it('is given back once', () => {
    const pool = cloud.pool();
    const kept = pool.reserve(one);
    const reservation = pool.reserve(one);
    reservation.release();
    reservation.release();
    assert.equal(pool.now.poolUsed.instances, 1);
    kept.release();
    assert.equal(pool.now.poolUsed.instances, 0);
    assert.equal(pool.now.providerUsed.instances, 0);
  });

  it('shares what the cloud has with other pools of the provider', () => {
    cloud.providerLimits = { instances: 2 };
    const [left, right] = [cloud.pool(), cloud.pool()];
    left.reserve({ instances: 2 });
    assert.equal(right.missing(one).length, 1);
    assert.equal(right.now.poolUsed.instances ?? 0, 0);
  });

  describe('when it is waited for', () => {
    it('is given at once where there is room', async () => {
      const pool = cloud.pool();
      const reservation = await pool.wait(one, asked(1), never());
      assert.equal(pool.now.poolUsed.instances, 1);
      assert.equal(pool.waiting.length, 0);
      reservation.release();
      assert.equal(pool.now.poolUsed.instances, 0);
    });

    it('says what is missing, then gives it when there is room', async () => {
      cloud.poolLimits = { instances: 1 };
      cloud.poolUsed = one;
      const pool = cloud.pool();
      let isServed = false;
      const waiting = pool.wait(one, asked(1), never()).then(() => (isServed = true));
      await settle();
      assert.deepEqual(cloud.gaps, [[{ name: 'instances', need: 1, left: 0 }]]);
      assert.deepEqual([isServed, pool.waiting.length], [false, 1]);
      cloud.poolUsed = {};
      pool.changed();
      await waiting;
      assert.equal(pool.waiting.length, 0);
    });

    it('goes to the request that comes first, whoever asked first', async () => {
      cloud.poolLimits = one;
      cloud.poolUsed = one;
      const pool = cloud.pool();
      const order: number[] = [];
      for (const number of [2, 3, 1, 2]) {
        void pool.wait(one, asked(number), never()).then(() => order.push(number));
      }
      cloud.poolLimits = { instances: 5 };
      pool.changed();
      await settle();
      assert.deepEqual(order, [1, 2, 2, 3]);
    });

    it('goes to nobody else while the request waits that others gave their nodes up for', async () => {
      cloud.providerLimits = one;
      const [left, right] = [cloud.pool(), cloud.pool()];
      cloud.ledger.favoured = asked(2).id;
      const order: string[] = [];
      void right.wait(one, asked(1), never()).then(() => order.push('right'));
      void left.wait(one, asked(2), never()).then(() => order.push('left'));
      await settle();
      assert.deepEqual(order, ['left']);
      cloud.ledger.favoured = undefined;
      cloud.providerLimits = { instances: 2 };
      right.changed();
      await settle();
      assert.deepEqual(order, ['left', 'right']);
    });

    it('is not given to a small need before a large one that came first', async () => {
      cloud.poolLimits = { instances: 3 };
      cloud.poolUsed = { instances: 2 };
      const pool = cloud.pool();
      const order: string[] = [];
      const large = pool.wait({ instances: 2 }, asked(1), never()).then(() => order.push('large'));
      const small = pool.wait(one, asked(2), never()).then(() => order.push('small'));
      pool.changed();
      await settle();
      assert.deepEqual(order, []);
      cloud.poolUsed = {};
      pool.changed();
      await Promise.all([large, small]);
      assert.deepEqual(order, ['large', 'small']);
    });

    it('goes to the next one when the first gives up', async () => {
      cloud.poolLimits = { instances: 3 };
      cloud.poolUsed = { instances: 2 };
      const pool = cloud.pool();
      const giveUp = new AbortController();
      const large = assert.rejects(pool.wait({ instances: 2 }, asked(1), giveUp.signal), (error) =>
        hasCode(error, 'NP_ABORTED'),
      );
      const small = pool.wait(one, asked(2), never());
      giveUp.abort();
      await Promise.all([large, small]);
      assert.equal(pool.now.poolUsed.instances, 3);
    });

    it('is refused to one that has given up before', async () => {
      const pool = cloud.pool();
      await assert.rejects(pool.wait(one, asked(1), AbortSignal.abort()), (error) =>
        hasCode(error, 'NP_ABORTED'),
      );
      assert.equal(pool.now.poolUsed.instances ?? 0, 0);
    });

    it('stays given when the signal aborts later', async () => {
      const pool = cloud.pool();
      const giveUp = new AbortController();
      await pool.wait(one, asked(1), giveUp.signal);
      giveUp.abort();
      assert.equal(pool.now.poolUsed.instances, 1);
    });
  });
});

describe('capacity, whatever happens in whatever order,', () => {
  const need = fc.record({
    instances: fc.constant(1),
    cores: fc.integer({ min: 0, max: 3 }),
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), pool: fc.nat(1), need }),
    fc.record({ kind: fc.constant('node' as const), at: fc.nat(20) }),
    fc.record({ kind: fc.constant('gone' as const), at: fc.nat(20) }),
    fc.record({ kind: fc.constant('abort' as const), at: fc.nat(20) }),
    fc.record({ kind: fc.constant('release' as const), at: fc.nat(20) }),
  );
  const limits = { instances: 4, cores: 6 };

  interface Wait {
    readonly number: number;
    readonly pool: number;
    readonly need: Quota;
    readonly controller: AbortController;
    reservation?: Reservation;
    state: 'waiting' | 'reserved' | 'node' | 'over';
  }

  it('is never exceeded, is given first come first served, and leaves nobody waiting for nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const cloud = new Cloud();
        cloud.providerLimits = limits;
        const pools = [cloud.pool(), cloud.pool()];
        const waits: Wait[] = [];
        const served: Wait[] = [];
        const told = (): void => {
          for (const pool of pools) pool.changed();
        };
        const pick = (state: Wait['state'], at: number): Wait | undefined => {
          const some = waits.filter((one) => one.state === state);
          return some[at % Math.max(1, some.length)];
        };
        const use = (change: (a: Quota, b: Quota) => Quota, amount: Quota): void => {
          cloud.providerUsed = change(cloud.providerUsed, amount);
        };
        for (const one of steps) {
          if (one.kind === 'wait') {
            const wait: Wait = {
              ...{ number: waits.length, pool: one.pool, need: one.need, state: 'waiting' },
              controller: new AbortController(),
            };
            waits.push(wait);
            pools[one.pool]?.wait(wait.need, asked(wait.number), wait.controller.signal).then(
              (reservation) => {
                wait.reservation = reservation;
                wait.state = 'reserved';
                served.push(wait);
              },
              () => {
                wait.state = 'over';
              },
            );
          } else if (one.kind === 'node') {
            // The node's znode is there: it counts in the caches, and no longer as reserved.
            const wait = pick('reserved', one.at);
            if (wait) {
              wait.state = 'node';
              use(addQuota, wait.need);
              wait.reservation?.release();
            }
          } else if (one.kind === 'gone') {
            const wait = pick('node', one.at);
            if (wait) {
              wait.state = 'over';
              use(subtractQuota, wait.need);
            }
          } else if (one.kind === 'abort') {
            pick('waiting', one.at)?.controller.abort();
          } else {
            const wait = pick('reserved', one.at);
            if (wait) {
              wait.state = 'over';
              wait.reservation?.release();
            }
          }
          told();
          await Promise.resolve();
          await Promise.resolve();
          const { providerUsed } = pools[0]?.now ?? {};
          assert.ok((providerUsed?.instances ?? 0) <= limits.instances);
          assert.ok((providerUsed?.cores ?? 0) <= limits.cores);
          for (const [index, pool] of pools.entries()) {
            const own = served.filter((wait) => wait.pool === index).map((wait) => wait.number);
            assert.deepEqual(
              own,
              own.toSorted((a, b) => a - b),
              'served out of order',
            );
            const next = waits.find((wait) => wait.pool === index && wait.state === 'waiting');
            if (next) assert.ok(pool.missing(next.need).length > 0, 'waits although there is room');
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
