/** How the dashboard searches, orders and cuts its lists. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  countBy,
  orderText,
  parseOrder,
  searcher,
  sortRows,
} from '../../../../shared/web/dashboard/choose-rows.js';
import { scrollToSee, windowOfRows } from '../../../../shared/web/dashboard/window-of-rows.js';

const USUAL = { key: 'id', isDown: true };

describe('searching rows of the dashboard', () => {
  const row = { id: '0000000042', labels: ['Jammy', 'big'], comment: null, locked: true, port: 22 };

  it('finds all words, anywhere and in any letters', () => {
    for (const question of ['42', 'jammy', 'BIG 0042', '  jam   ig ', ''])
      assert.ok(searcher(question)(row), question);
    for (const question of ['43', 'jammy small', 'null', 'true', '22'])
      assert.equal(searcher(question)(row), false, question);
  });

  it('looks into further text, too', () => {
    assert.ok(searcher('quota jammy')(row, 'waits for quota'));
    assert.equal(searcher('quota')(row, 'waits for room'), false);
  });
});

describe('ordering rows of the dashboard', () => {
  it('puts what has no value last in both directions', () => {
    const rows = ['b', null, 'a'].map((value, index) => ({ id: String(index), value }));
    const order = (isDown: boolean): (string | null)[] =>
      sortRows(rows, ({ value }) => value, isDown).map(({ value }) => value);
    assert.deepEqual(order(false), ['a', 'b', null]);
    assert.deepEqual(order(true), ['b', 'a', null]);
  });

  it('is total and keeps every row, whatever the values', () => {
    const value = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }));
    const rows = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), value }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(rows, fc.boolean(), (all, isDown) => {
        const sorted = sortRows(all, (one) => one.value, isDown);
        const again = sortRows(all.toReversed(), (one) => one.value, isDown);
        assert.deepEqual(sorted, again);
        assert.deepEqual(new Set(sorted), new Set(all));
        const values = sorted.map((one) => one.value).filter((one) => one !== null);
        const wanted = values.toSorted((a, b) => (isDown ? b - a : a - b));
        assert.deepEqual(values, wanted);
      }),
    );
  });

  it('is written in the address and read from it', () => {
    for (const order of [USUAL, { key: 'age', isDown: false }])
      assert.deepEqual(parseOrder(orderText(order), { key: 'x', isDown: false }), order);
    assert.deepEqual(parseOrder('', USUAL), USUAL);
    assert.deepEqual(parseOrder('-', USUAL), USUAL);
  });

  it('counts values, most first', () => {
    const rows = [['a', 'b'], ['b'], [], null].map((labels) => ({ labels }));
    assert.deepEqual(
      countBy(rows, ({ labels }) => labels),
      [
        ['b', 2],
        ['a', 1],
      ],
    );
  });
});

describe('the window of a long list', () => {
  const sizes = fc.record({
    scrollTop: fc.integer({ min: -100, max: 400_000 }),
    viewHeight: fc.integer({ min: 0, max: 3000 }),
    rowHeight: fc.integer({ min: 10, max: 60 }),
    count: fc.integer({ min: 0, max: 12_000 }),
  });

  it('has all rows that can be seen, and few others', () => {
    fc.assert(
      fc.property(sizes, ({ scrollTop, viewHeight, rowHeight, count }) => {
        const { first, end } = windowOfRows({ scrollTop, viewHeight, rowHeight, count });
        assert.ok(first >= 0 && first <= end && end <= count);
        assert.ok(end - first <= viewHeight / rowHeight + 19);
        // A browser scrolls no further than the end of the list.
        const top = Math.max(0, Math.min(scrollTop, count * rowHeight - viewHeight));
        const seen = Math.min(count, Math.ceil((top + viewHeight) / rowHeight));
        assert.ok(first <= Math.floor(top / rowHeight), 'the first that is seen');
        if (scrollTop >= 0 && scrollTop === top) assert.ok(end >= seen, 'the last that is seen');
      }),
    );
  });

  it('is moved just so far that a row is seen', () => {
    const view = { scrollTop: 300, viewHeight: 90, rowHeight: 30 };
    assert.equal(scrollToSee({ ...view, index: 10 }), undefined);
    assert.equal(scrollToSee({ ...view, index: 12 }), undefined);
    assert.equal(scrollToSee({ ...view, index: 9 }), 270);
    assert.equal(scrollToSee({ ...view, index: 13 }), 330);
  });
});
