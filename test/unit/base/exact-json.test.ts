import assert from 'node:assert/strict';

import fc from 'fast-check';

import { ExactInteger, parseExact, stringifyExact } from '../../../shared/base/exact-json.ts';

const TRACE = '275033420938453745937465920354687451234';

describe('exact JSON', () => {
  it('brings integers of any size back as they came', () => {
    const text = `{"trace_id":${TRACE},"span_id":16734523453498734513,"list":[-${TRACE},7],"at":1700000000123456789}`;
    assert.equal(stringifyExact(parseExact(text) as object), text);
  });

  it('keeps what numbers hold as numbers', () => {
    const text =
      '{"a":9007199254740991,"b":1700000000.1234567,"c":1e300,"d":-0.1234567890123456789}';
    assert.deepEqual(parseExact(text), JSON.parse(text));
  });

  it('takes nothing within a text for a number', () => {
    const text = JSON.stringify({ a: TRACE, b: `x":${TRACE},"y`, c: `\\"${TRACE}`, [TRACE]: 1 });
    assert.deepEqual(parseExact(text), JSON.parse(text));
    assert.equal(stringifyExact(parseExact(text) as object), text);
  });

  it('is a rounded number to all others', () => {
    const parsed = parseExact(`{"id":${TRACE}}`) as { id: unknown };
    assert.ok(parsed.id instanceof ExactInteger);
    assert.equal(parsed.id.digits, TRACE);
    assert.equal(JSON.stringify(parsed), `{"id":${Number(TRACE)}}`);
  });

  it('rounds what is nested too deep rather than to fail', () => {
    const text = `${'['.repeat(50_000)}${TRACE}${']'.repeat(50_000)}`;
    assert.ok(Array.isArray(parseExact(text)));
  });

  it('throws as JSON.parse does, and a value that throws leaves nothing behind', () => {
    assert.throws(() => parseExact(`{"a":${TRACE}`), SyntaxError);
    const bad = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    assert.throws(() => stringifyExact(bad), /no/);
    assert.equal(JSON.stringify(new ExactInteger('1')), '1');
  });

  it('is JSON for everything else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected = JSON.stringify([JSON.parse(text)]);
        assert.equal(JSON.stringify([parseExact(text)]), expected);
        assert.deepEqual(JSON.parse(stringifyExact([parseExact(text)])), JSON.parse(expected));
      }),
    );
  });

  it('keeps all digits, wherever the number stands', () => {
    const digits = fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n });
    fc.assert(
      fc.property(fc.array(digits), fc.string(), (numbers, text) => {
        const json = `{"n":[${numbers.join(',')}],"t":${JSON.stringify(text)}}`;
        assert.equal(stringifyExact(parseExact(json) as object), json);
      }),
    );
  });
});
