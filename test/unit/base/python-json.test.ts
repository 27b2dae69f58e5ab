import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pythonJson } from '../../../shared/base/python-json.ts';

describe('pythonJson', () => {
  it('separates and escapes as json.dumps does', () => {
    assert.equal(
      pythonJson([{ a: 1, b: [null, true], c: 'é😀"' }, {}]),
      String.raw`[{"a": 1, "b": [null, true], "c": "\u00e9\ud83d\ude00\""}, {}]`,
    );
  });

  it('is read back as what was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(pythonJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
