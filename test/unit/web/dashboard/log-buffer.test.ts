/** The end of a log that may be endless, as the dashboard keeps it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

import { LINES_OF_BLOCK, LogBuffer } from '../../../../shared/web/dashboard/log-buffer.js';

/** What a page would show: it does what the buffer says. */
function show(mostLines: number, pieces: readonly string[]): { lines: string[]; isCut: boolean } {
  const buffer = new LogBuffer(mostLines);
  let blocks: string[] = [];
  for (const { append, drop } of [...pieces.map((piece) => buffer.push(piece)), buffer.end()]) {
    blocks = blocks.slice(drop);
    for (const { isNewBlock, text } of append)
      if (isNewBlock || blocks.length === 0) blocks.push(text);
      else blocks.push((blocks.pop() ?? '') + text);
  }
  return { lines: blocks.join('').split('\n').slice(0, -1), isCut: buffer.isCut };
}

describe('the buffer of a log', () => {
  it('shows all lines of a short log, however it comes', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z ]{0,8}$/), { maxLength: 300 });
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 50 }), (wanted, size) => {
        const text = wanted.map((line) => `${line}\n`).join('');
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        assert.deepEqual(show(1000, pieces), { lines: wanted, isCut: false });
      }),
    );
  });

  it('keeps the last lines of a long one, in bounded blocks', () => {
    const all = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    for (const size of [1, 37, 999, 5000]) {
      const pieces = [];
      for (let from = 0; from < all.length; from += size)
        pieces.push(`${all.slice(from, from + size).join('\n')}\n`);
      const { lines, isCut } = show(1000, pieces);
      assert.ok(isCut);
      assert.ok(lines.length <= 1000 && lines.length > 1000 - LINES_OF_BLOCK, `${lines.length}`);
      assert.deepEqual(lines, all.slice(-lines.length));
    }
  });

  it('shows a last line without an end', () => {
    assert.deepEqual(show(400, ['one\ntw', 'o']).lines, ['one', 'two']);
  });

  it('leaves orders to terminals away, and what was written over', () => {
    const pieces = ['\u001b[1;31mred\u001b[0m\u0007\n', '10 %\r50 %\r100 %\n', 'windows\r\n'];
    assert.deepEqual(show(400, pieces).lines, ['red', '100 %', 'windows']);
  });

  it('cuts a line without end', () => {
    const { lines } = show(
      400,
      Array.from({ length: 100 }, () => 'x'.repeat(1000)),
    );
    assert.ok(lines.length > 1);
    assert.ok(lines.every((line) => line.length <= 5004));
  });
});
