import assert from 'node:assert/strict';
import fc from 'fast-check';

import { keysOf } from '../../../../shared/cli/terminal/keys.ts';
import { scrolled, scrollKeys } from '../../../../shared/cli/terminal/scroll.ts';

describe('keysOf', () => {
  it('names keys, and leaves characters what they are', () => {
    assert.deepEqual(keysOf('\x1b[Aj\x1bOB\x1b[5~\t\x1b[Z\r\x7fü日\x03'), [
      ...['up', 'j', 'down', 'page-up', 'tab', 'back-tab', 'enter', 'backspace'],
      ...['ü', '日', 'interrupt'],
    ]);
  });

  it('takes no letters from sequences that it does not know', () => {
    assert.deepEqual(keysOf('\x1b[15~\x1b[1;5C\x1b[?1;2cq'), ['q']);
    assert.deepEqual(keysOf('\x1b'), ['escape']);
  });

  it('makes one key at most of each character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.ok(keysOf(text).length <= text.length);
      }),
    );
  });
});

describe('scrolled', () => {
  it('moves by lines and pages, and stays within the list', () => {
    assert.equal(scrolled(0, scrollKeys('down', 10) ?? 0, 30, 10), 1);
    assert.equal(scrolled(5, scrollKeys('page-down', 10) ?? 0, 30, 10), 15);
    assert.equal(scrolled(5, scrollKeys('page-up', 10) ?? 0, 30, 10), 0);
    assert.equal(scrolled(5, scrollKeys('G', 10) ?? 0, 30, 10), 20);
    assert.equal(scrolled(5, scrollKeys('g', 10) ?? 0, 30, 10), 0);
    assert.equal(scrolled(5, 0, 3, 10), 0);
    assert.equal(scrollKeys('x', 10), undefined);
  });
});
