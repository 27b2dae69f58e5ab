import assert from 'node:assert/strict';
import fc from 'fast-check';

import { renderTable } from '../../../../shared/base/table.ts';
import { fittedTable } from '../../../../shared/cli/listing/fitted-table.ts';
import { lineWidth, plainText, type Line } from '../../../../shared/cli/terminal/lines.ts';

const keys = ['id', 'state', 'comment'];
const headers = ['ID', 'State', 'Comment'];
const row = ['0000000001', 'ready', 'a comment that is long'];

const linesOf = (rows: string[][], columns: number | undefined): Line[] => {
  const lines = fittedTable({ keys, headers, rows }, columns);
  return Array.from({ length: lines.count }, (_, i) => lines.at(i));
};
const textOf = (columns: number | undefined, rows: string[][]): string =>
  linesOf(rows, columns).map(plainText).join('\n');

describe('fittedTable', () => {
  it('is the table that goes into a pipe where it fits', () => {
    for (const columns of [undefined, 100])
      assert.equal(textOf(columns, [row, []]), renderTable(headers, [row, []]));
  });

  it('takes from the widest column, and from no id', () => {
    const [, , , line] = textOf(40, [row]).split('\n');
    assert.equal(line, '| 0000000001 | ready | a comment that… |');
  });

  it('cuts lines where even that is not enough', () => {
    assert.equal(textOf(12, [row]).split('\n')[3], '| 000000000…');
  });

  it('has a colour for a state, and none for what only looks like one', () => {
    const line = linesOf([['1', 'failed', 'failed']], 80)[3] ?? [];
    const red = line.filter(({ style }) => style === 'red').map(({ text }) => text.trim());
    assert.deepEqual(red, ['failed']);
  });

  it('never takes more columns than there are, and is straight', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 120 }), (found, columns) => {
        const widths = linesOf(found, columns).map(lineWidth);
        for (const width of widths) assert.ok(width <= columns);
        if (columns > 60) assert.equal(new Set(widths).size, 1);
      }),
    );
  });
});
