import assert from 'node:assert/strict';

import fc from 'fast-check';

import { chooseEvictions } from '../../../../launcher/pools/evict.ts';

const gap = (name: string, need: number, left: number) => ({ name, need, left });
const ready = (id: string, since: number, resources = { instances: 1, cores: 2 }) => ({
  id,
  since,
  resources,
});

describe('chooseEvictions', () => {
  it('takes nothing where nothing is missing', () => {
    assert.deepEqual(chooseEvictions([], [ready('a', 1)], {}), []);
  });

  it('takes the oldest, and only as many as are missing', () => {
    const candidates = [ready('young', 30), ready('old', 10), ready('middle', 20)];
    assert.deepEqual(chooseEvictions([gap('instances', 1, 0)], candidates, {}), ['old']);
    assert.deepEqual(chooseEvictions([gap('instances', 2, 0)], candidates, {}), ['old', 'middle']);
    assert.deepEqual(chooseEvictions([gap('instances', 3, 1)], candidates, {}), ['old', 'middle']);
  });

  it('counts what is leaving already', () => {
    const gaps = [gap('instances', 2, 0)];
    assert.deepEqual(chooseEvictions(gaps, [ready('a', 1), ready('b', 2)], { instances: 1 }), [
      'a',
    ]);
    assert.deepEqual(chooseEvictions(gaps, [ready('a', 1)], { instances: 2 }), []);
  });

  it('spares nodes that do not help', () => {
    const candidates = [
      ready('coreless', 1, { instances: 1, cores: 0 }),
      ready('helps', 2, { instances: 1, cores: 4 }),
    ];
    assert.deepEqual(chooseEvictions([gap('cores', 4, 0)], candidates, {}), ['helps']);
  });

  it('goes by the wider gap where the pool and the cloud lack the same', () => {
    const gaps = [gap('instances', 1, 0), gap('instances', 1, -1)];
    const candidates = [ready('a', 1), ready('b', 2), ready('c', 3)];
    for (const order of [gaps, gaps.toReversed()]) {
      assert.deepEqual(chooseEvictions(order, candidates, {}), ['a', 'b']);
    }
  });

  it('closes the gaps if the nodes can, and the last one taken is always needed', () => {
    const amounts = fc.record({
      instances: fc.integer({ min: 0, max: 2 }),
      cores: fc.integer({ min: 0, max: 4 }),
    });
    const missing = fc.record({
      instances: fc.integer({ min: 0, max: 4 }),
      cores: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(
        missing,
        fc.array(amounts, { maxLength: 6 }),
        amounts,
        (wanted, list, leaving) => {
          const gaps = Object.entries(wanted)
            .filter(([, need]) => need > 0)
            .map(([name, need]) => gap(name, need, 0));
          const candidates = list.map((resources, index) => ready(`n${index}`, index, resources));
          const chosen = chooseEvictions(gaps, candidates, leaving);
          const closes = (ids: readonly string[]): boolean =>
            gaps.every(({ name, need }) => {
              const key = name as 'instances' | 'cores';
              const freed = candidates
                .filter(({ id }) => ids.includes(id))
                .reduce((sum, { resources }) => sum + resources[key], leaving[key]);
              return freed >= need;
            });
          assert.equal(closes(chosen), closes(candidates.map(({ id }) => id)));
          if (chosen.length > 0) assert.ok(!closes(chosen.slice(0, -1)));
        },
      ),
    );
  });
});
