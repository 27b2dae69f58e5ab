import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  addQuota,
  missingFrom,
  remainingQuota,
  subtractQuota,
  sumQuota,
  tighterLimits,
} from '../../../shared/cloud/quota.ts';

const name = fc.constantFrom('instances', 'cores', 'ram', 'volumes', 'volume-gb', 'L-1216C47A');
const quota = fc.dictionary(name, fc.integer({ min: 0, max: 1000 }));
const limits = fc.dictionary(
  name,
  fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constant(Infinity)),
);

describe('quota', () => {
  it('takes a missing name for 0 in a sum', () => {
    assert.deepEqual(addQuota({ cores: 4 }, { cores: 2, ram: 8 }), { cores: 6, ram: 8 });
    assert.deepEqual(subtractQuota({ cores: 4 }, { ram: 8 }), { cores: 4, ram: -8 });
  });

  it('takes a missing name for unlimited in a limit', () => {
    assert.deepEqual(missingFrom({ instances: 5 }, {}, { instances: 5, cores: 9999 }), []);
  });

  it('names each resource that is short, what is needed and what is left', () => {
    const gaps = missingFrom({ cores: 10, ram: 100 }, { cores: 8, ram: 200 }, { cores: 4, ram: 1 });
    assert.deepEqual(gaps, [
      { name: 'cores', need: 4, left: 2 },
      { name: 'ram', need: 1, left: -100 },
    ]);
  });

  it('lets nothing that is not needed be in the way', () => {
    assert.deepEqual(missingFrom({ volumes: 1 }, { volumes: 7 }, { instances: 1, volumes: 0 }), []);
  });

  it('keeps only limited names in what remains', () => {
    assert.deepEqual(remainingQuota({ cores: 10, ram: Infinity }, { cores: 4, instances: 1 }), {
      cores: 6,
      ram: Infinity,
    });
  });

  it('takes back exactly what was added', () => {
    fc.assert(
      fc.property(quota, quota, (a, b) => {
        const back = subtractQuota(addQuota(a, b), b);
        for (const [key, value] of Object.entries(back)) assert.equal(value, a[key] ?? 0);
      }),
    );
  });

  it('sums in any order to the same', () => {
    fc.assert(
      fc.property(fc.array(quota), (amounts) => {
        assert.deepEqual(sumQuota(amounts), sumQuota(amounts.toReversed()));
        assert.deepEqual(sumQuota(amounts), amounts.reduce(addQuota, {}));
      }),
    );
  });

  it('says that a need fits exactly where nothing that it needs goes below zero', () => {
    fc.assert(
      fc.property(limits, quota, quota, (limit, used, need) => {
        const left = remainingQuota(limit, addQuota(used, need));
        const isBroken = Object.entries(left).some(
          ([key, value]) => value < 0 && (need[key] ?? 0) > 0,
        );
        assert.equal(missingFrom(limit, used, need).length > 0, isBroken);
      }),
    );
  });

  it('lets through under two limits what each of them lets through', () => {
    fc.assert(
      fc.property(limits, limits, quota, (a, b, need) => {
        const both = missingFrom(a, {}, need).length === 0 && missingFrom(b, {}, need).length === 0;
        assert.equal(missingFrom(tighterLimits(a, b), {}, need).length === 0, both);
      }),
    );
  });
});
