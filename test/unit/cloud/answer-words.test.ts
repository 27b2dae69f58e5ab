import assert from 'node:assert/strict';

import {
  isRecord,
  oneLine,
  refusalText,
  texts,
  withoutTags,
} from '../../../shared/cloud/answer-words.ts';

describe('words of answers', () => {
  it('are those of a page without its tags and styles', () => {
    const page = '<html><style type="x">p {\n}</style><h1>502</h1>\n<p>Bad   gateway</p></html>';
    assert.equal(oneLine(withoutTags(page)), '502 Bad gateway');
  });

  it('are the texts among values', () => {
    assert.deepEqual(texts('a', '', 1, null, undefined, {}, 'b'), ['a', 'b']);
  });

  it('stand in objects, which neither lists nor null are', () => {
    assert.deepEqual([{}, [], null, 'a', undefined].map(isRecord), [
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('of a refusal are in one line, as far as there are any', () => {
    const refused = { call: 'GET machines', status: 403 };
    assert.equal(refusalText(refused), 'GET machines: status 403');
    assert.equal(
      refusalText({ ...refused, requestId: 'req-1' }, '', 'no', 'not you'),
      'GET machines: status 403 (req-1): no: not you',
    );
  });
});
