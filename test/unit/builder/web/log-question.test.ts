import assert from 'node:assert/strict';

import { readLogQuestion } from '../../../../builder/web/log-question.ts';

describe('what of a log is asked for', () => {
  const ask = (query: string) => readLogQuestion(new URLSearchParams(query));

  it('is all of it, a part, or its end, with or without what comes', () => {
    assert.deepEqual(ask(''), { from: { offset: 0 }, isFollowing: false });
    assert.deepEqual(ask('offset=&tail=&follow='), { from: { offset: 0 }, isFollowing: false });
    assert.deepEqual(ask('offset=12'), { from: { offset: 12 }, isFollowing: false });
    assert.deepEqual(ask('tail=0&follow=1'), { from: { tailLines: 0 }, isFollowing: true });
    assert.deepEqual(ask('follow=0&other=1'), { from: { offset: 0 }, isFollowing: false });
    const most = Number.MAX_SAFE_INTEGER;
    assert.deepEqual(ask(`offset=${most}`), { from: { offset: most }, isFollowing: false });
  });

  for (const query of [
    ...['offset=-1', 'offset=1.5', 'offset=1e3', 'offset=0x10', 'offset=9007199254740993'],
    ...['offset=99999999999999999999', 'tail=all', 'tail=-5', 'follow=yes', 'offset=1&tail=1'],
  ])
    it(`is nothing with ${query}`, () => {
      assert.equal(typeof ask(query), 'string');
    });
});
