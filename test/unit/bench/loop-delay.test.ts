import assert from 'node:assert/strict';

import { percentile } from '../../bench/scale/loop-delay.ts';
import { planLayout } from '../../bench/scale/layout.ts';

describe('the delay of an event loop', () => {
  it('is nothing where nothing was seen', () => {
    assert.equal(percentile(new Map(), 0.99), 0);
  });

  it('weighs a long stop by its length, not as one of many', () => {
    // 8 s of short gaps and one stop of 2 s: a fifth of all moments fall into the stop.
    const gaps = new Map([
      [2, 4000],
      [2000, 1],
    ]);
    assert.equal(percentile(gaps, 0.75), 2);
    assert.equal(percentile(gaps, 0.99), 1900);
  });

  it('is what is left of a gap for a moment in it', () => {
    assert.equal(percentile(new Map([[100, 10]]), 0.99), 99);
    assert.equal(percentile(new Map([[100, 10]]), 0.5), 50);
  });
});

describe('the large installation', () => {
  it('has the pools, labels and nodes that were asked for', () => {
    const size = { providers: 4, poolsPerProvider: 5, labels: 20, labelsPerPool: 3 };
    const { pools, wanted, standby } = planLayout({ ...size, nodes: 203, requests: 7 });
    assert.equal(pools.length, 20);
    assert.equal(
      pools.reduce((sum, { nodes }) => sum + nodes, 0),
      203,
    );
    assert.deepEqual([wanted.length, standby.length], [16, 4]);
    const offered = new Set(pools.flatMap(({ labels }) => labels));
    for (const label of [...wanted, ...standby]) assert.ok(offered.has(label), label);
    for (const { labels } of pools) assert.equal(new Set(labels).size, 3);
  });
});
