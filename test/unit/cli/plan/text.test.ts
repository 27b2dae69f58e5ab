import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { Change } from '../../../../shared/cli/plan/model.ts';
import { changedOptions } from '../../../../shared/cli/plan/options.ts';
import { planFor } from '../../../../shared/cli/plan/plan.ts';
import { planText } from '../../../../shared/cli/plan/text.ts';
import { config, snapshot } from './world.ts';

function change(fields: Partial<Change> = {}): Change {
  return {
    ...{ part: 'nodes', mark: '-', code: 'provider-orphan', subject: 'cloud', text: 'gone' },
    ...{ ids: [], is_loss: false, ...fields },
  };
}

function shown(...changes: Change[]): string[] {
  const losses = changes.filter((one) => one.is_loss).length;
  return planText({ changes, losses, is_of_records: true }, 'new.yaml').split('\n');
}

describe('a plan for people', () => {
  it('says that nothing changes, and what was not looked at', () => {
    assert.deepEqual(shown(), ['new.yaml changes nothing.']);
    const offline = planText({ changes: [], losses: 0, is_of_records: false }, 'new.yaml');
    assert.match(
      offline,
      /^new.yaml changes nothing; nodes, images and requests were not looked at/,
    );
  });

  it('is of the files alone where ZooKeeper was not asked', () => {
    const empty = config({});
    assert.deepEqual(planFor(empty, empty, undefined), {
      changes: [],
      losses: 0,
      is_of_records: false,
    });
    assert.equal(planFor(empty, empty, snapshot()).is_of_records, true);
  });

  it('counts, groups by part, and marks losses', () => {
    const changes = [
      change({ part: 'requests', subject: 'big', text: 'lost', is_loss: true }),
      change({ part: 'providers', mark: '+', subject: 'new', text: 'starts' }),
    ];
    assert.deepEqual(shown(...changes), [
      'new.yaml: 2 changes, 1 loss (!).',
      '',
      'providers',
      '  + new: starts',
      '',
      'requests',
      '! - big: lost',
    ]);
  });

  it('marks losses among those that are counted only', () => {
    const many = Array.from({ length: 12 }, (_, at) =>
      change({ subject: `p${at}`, is_loss: true }),
    );
    assert.equal(shown(...many).at(-1), '! - and 2 more: p10, p11');
  });

  it('is coloured where that is wanted, and is never a text with control characters', () => {
    const plan = { changes: [change({ subject: 'a\nb' })], losses: 0, is_of_records: true };
    assert.match(planText(plan, 'new.yaml'), /^ {2}- a\?b: gone$/m);
    // eslint-disable-next-line no-control-regex -- colours are control characters
    assert.match(planText(plan, 'new.yaml', true), /\u001b\[33m- \u001b\[0ma\?b: gone/);
  });

  it('names the first of many', () => {
    const ids = Array.from({ length: 9 }, (_, at) => `n${at}`);
    assert.equal(shown(change({ ids })).at(-1), '  - cloud: gone [n0, n1, n2, n3, n4 and 4 more]');
    const many = Array.from({ length: 17 }, (_, at) => change({ subject: `p${at}` }));
    assert.deepEqual(shown(...many).slice(-2), [
      '  - p9: gone',
      '  - and 7 more: p10, p11, p12, p13, p14 and 2 more',
    ]);
  });
});

describe('options that differ', () => {
  it('are told by their places', () => {
    const before = { a: 1, b: { c: [1, 2] }, pools: [{ name: 'x', l: [{ name: 'y', ram: 1 }] }] };
    const after = {
      a: 1,
      b: { c: [1, 3] },
      pools: [{ name: 'x', l: [{ name: 'y', ram: 2 }] }],
      d: 0,
    };
    assert.deepEqual(changedOptions(before, after), ['b.c', 'pools[x].l[y].ram', 'd']);
  });

  it('are the list where only its order differs', () => {
    const [x, y] = [{ name: 'x' }, { name: 'y' }];
    assert.deepEqual(changedOptions({ l: [x, y] }, { l: [y, x] }), ['l']);
    assert.deepEqual(changedOptions({ l: [x, x] }, { l: [x] }), ['l']);
  });

  it('are none exactly where there is no difference', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.deepEqual(changedOptions(a, structuredClone(a)), []);
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        if (!isSame) return;
        assert.deepEqual(changedOptions(a, b), []);
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), fc.string(), (a, key) => {
        assert.ok(changedOptions(a, { ...a, [key]: 'other' }).length > 0);
      }),
    );
  });
});
