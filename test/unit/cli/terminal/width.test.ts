import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  cutLine,
  lineWidth,
  paintLine,
  piece,
  plainText,
} from '../../../../shared/cli/terminal/lines.ts';
import { cutText, fitText, harmless, widthOf } from '../../../../shared/cli/terminal/width.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('größer', '日本語', '🚀 los', 'e\u0301', '👩\u200d🚀', '한국어', '❤\ufe0f'),
);
const width = fc.integer({ min: 0, max: 30 });

describe('widthOf', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['plain', 5],
    ['größer', 6],
    ['日本', 4],
    ['한국', 4],
    ['ｆｕｌｌ', 8],
    ['🚀', 2],
    ['e\u0301', 1],
    ['❤\ufe0f', 2],
    ['…', 1],
  ];
  for (const [text, expected] of cases)
    it(`counts ${expected} for ${JSON.stringify(text)}`, () => {
      assert.equal(widthOf(text), expected);
    });
});

describe('cutText', () => {
  it('leaves alone what fits, and marks what it cuts', () => {
    assert.equal(cutText('abcdef', 6), 'abcdef');
    assert.equal(cutText('abcdefg', 6), 'abcde…');
    assert.equal(cutText('日本語', 4), '日…');
    assert.equal(cutText('ab', 0), '');
  });

  it('never gives more than there is room for', () => {
    fc.assert(
      fc.property(anyText, width, (text, columns) => {
        assert.ok(widthOf(cutText(text, columns)) <= columns);
        assert.equal(widthOf(fitText(text, columns)), columns);
      }),
    );
  });
});

describe('harmless', () => {
  it('leaves no text that commands the terminal', () => {
    assert.equal(harmless('a\x1b[31mb\x07\nc\u202ed'), 'a\ufffd[31mb\ufffd c\ufffdd');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(harmless(text), /[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});

describe('cutLine', () => {
  it('cuts over pieces, keeps their styles, and marks the cut', () => {
    const line = [piece('ready', 'green'), piece('waiting', 'red')];
    assert.deepEqual(cutLine(line, 8), [piece('ready', 'green'), piece('wa…', 'red')]);
    assert.deepEqual(cutLine(line, 5), [piece('read…', 'green')]);
    assert.equal(cutLine(line, 12), line);
  });

  it('never gives more than there is room for', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 5 }), width, (texts, columns) => {
        const line = texts.map((text) => piece(harmless(text)));
        const cut = cutLine(line, columns);
        assert.ok(lineWidth(cut) <= columns);
        if (lineWidth(line) <= columns) assert.equal(plainText(cut), plainText(line));
      }),
    );
  });
});

describe('paintLine', () => {
  it('writes escape sequences only where there are colours', () => {
    const line = [piece('a'), piece('b', 'red')];
    assert.equal(paintLine(line, false), 'ab');
    assert.equal(paintLine(line, true), 'a\x1b[31mb\x1b[0m');
  });
});
