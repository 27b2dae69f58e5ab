import assert from 'node:assert/strict';

import fc from 'fast-check';

import { isResponsible } from '../../../../launcher/nodes/responsible.ts';
import type { RegisteredPool } from '../../../../launcher/assignment/pool-view.ts';
import { registered } from '../../../support/launcher-world.ts';

interface Owner {
  readonly launcher: string | null;
  readonly provider: string | null;
}
const node = (owner: Partial<Owner> = {}) => ({
  id: '0000000001',
  record: { launcher: null, provider: 'cloud', ...owner },
});
const online = (id: string, provider = 'cloud'): RegisteredPool => registered({ id, provider });

describe('isResponsible', () => {
  it('is the one that made the node', () => {
    const pools = [online('a'), online('b')];
    assert.equal(isResponsible(node({ launcher: 'a' }), pools, new Set(['a'])), true);
    assert.equal(isResponsible(node({ launcher: 'a' }), pools, new Set(['b'])), false);
  });

  it('is the maker even before it is registered', () => {
    assert.equal(isResponsible(node({ launcher: 'a' }), [online('b')], new Set(['a'])), true);
  });

  it('is one with the provider when the maker is gone', () => {
    const pools = [online('a', 'other'), online('b')];
    assert.equal(isResponsible(node({ launcher: 'gone' }), pools, new Set(['a'])), false);
    assert.equal(isResponsible(node({ launcher: 'gone' }), pools, new Set(['b'])), true);
  });

  it('is everybody when no pool online has the provider', () => {
    assert.equal(isResponsible(node({ provider: 'nowhere' }), [online('a')], new Set(['a'])), true);
  });

  it('is exactly one of any launchers that have the provider online', () => {
    const launchers = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 4 }),
        provider: fc.constantFrom('cloud', 'other'),
        launcher: fc.nat(2),
      }),
      { selector: (pool) => pool.id, maxLength: 8 },
    );
    fc.assert(
      fc.property(launchers, fc.nat(8), fc.stringMatching(/^\d{10}$/), (pools, maker, id) => {
        const all = pools.map((pool) => online(pool.id, pool.provider));
        if (!pools.some((pool) => pool.provider === 'cloud')) return;
        const owner = { launcher: pools[maker]?.id ?? 'gone', provider: 'cloud' };
        const responsible = [0, 1, 2].filter((launcher) => {
          const own = pools.filter((pool) => pool.launcher === launcher).map((pool) => pool.id);
          return isResponsible({ ...node(owner), id }, all, new Set(own));
        });
        assert.equal(responsible.length, 1);
      }),
    );
  });
});
