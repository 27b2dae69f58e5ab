import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  chooseToYield,
  type PassingUse,
  type WaitingRequest,
} from '../../../../launcher/pools/choose-to-yield.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import type { QuotaGap } from '../../../../shared/cloud/quota.ts';

const gap: QuotaGap = { name: 'instances', need: 1, left: 0 };

function waiting(
  id: string,
  held: number,
  where: { pool?: string; by?: 'cloud' | 'pool' } = {},
): WaitingRequest {
  const { pool = 'main', by = 'cloud' } = where;
  const gaps = {
    cloud: by === 'cloud' ? [gap] : [],
    pool: by === 'pool' ? [gap] : [],
  };
  return { ...{ id, pool, gaps }, held: { instances: held, cores: 2 * held } };
}

function use(provider: number, pools: Readonly<Record<string, number>> = {}): PassingUse {
  const of = (instances: number): Quota => ({
    instances,
    cores: 2 * instances,
  });
  return { provider: of(provider), pool: (name) => of(pools[name] ?? 0) };
}

describe('requests that wait for room', () => {
  it('need not give way while somebody else has nodes, who will not keep them', () => {
    assert.equal(chooseToYield([waiting('a', 2), waiting('b', 1)], use(4)), undefined);
  });

  it('give way, the last of them, when they have all that there is', () => {
    const all = [waiting('a', 2), waiting('b', 1), waiting('c', 1, { pool: 'other' })];
    assert.deepEqual(chooseToYield(all, use(4)), { from: 'c', to: 'a' });
  });

  it('give nothing that is not missing, and nothing that they do not have', () => {
    const cores: WaitingRequest = { ...waiting('c', 0), held: { cores: 8 } };
    const all = [waiting('a', 2), waiting('b', 1), cores];
    assert.deepEqual(chooseToYield(all, use(3)), { from: 'b', to: 'a' });
  });

  it('do not give way to one that comes after them', () => {
    assert.equal(chooseToYield([waiting('a', 3), waiting('b', 0)], use(3)), undefined);
    assert.equal(chooseToYield([waiting('a', 3)], use(3)), undefined);
  });

  it('look at the pool alone where its own limit is in the way', () => {
    const a = waiting('a', 1, { by: 'pool' });
    const elsewhere = waiting('c', 1, { pool: 'other', by: 'pool' });
    const all = [a, waiting('b', 1, { by: 'pool' }), elsewhere];
    assert.deepEqual(chooseToYield(all, use(9, { main: 2, other: 5 })), {
      from: 'b',
      to: 'a',
    });
    assert.equal(chooseToYield([a, elsewhere], use(9, { main: 2, other: 5 })), undefined);
  });

  it('also give way to one that is not the first, where the first gets its room by itself', () => {
    const first = waiting('a', 1, { pool: 'other', by: 'pool' });
    const all = [first, waiting('b', 1, { by: 'pool' }), waiting('c', 1, { by: 'pool' })];
    assert.deepEqual(chooseToYield(all, use(9, { main: 2, other: 4 })), {
      from: 'c',
      to: 'b',
    });
  });

  it('give way until the first has what it needs, whatever they hold', () => {
    const holdings = fc.array(fc.nat(3), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(holdings, fc.integer({ min: 1, max: 4 }), (holds, need) => {
        let left = holds.map((held, index) => waiting(`r${index}`, held));
        let free = 0;
        const others = holds.slice(1).reduce((sum, held) => sum + held, 0);
        while (free < need) {
          const used = left.reduce((sum, { held }) => sum + (held.instances ?? 0), 0);
          const yielding = chooseToYield(left, use(used));
          if (!yielding) break;
          assert.equal(yielding.to, 'r0');
          free += left.find(({ id }) => id === yielding.from)?.held.instances ?? 0;
          left = left.filter(({ id }) => id !== yielding.from);
        }
        assert.ok(free >= Math.min(need, others));
      }),
    );
  });
});
