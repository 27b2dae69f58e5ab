import assert from 'node:assert/strict';

import { usedElements, type ElementFacts } from '../../../../builder/inputs/used-elements.ts';

const element = (needs: string[] = [], provides: string[] = []): ElementFacts => ({
  needs,
  provides,
});

describe('elements that an image uses', () => {
  const here = new Map([
    ['ours', element(['helper', 'vm'])],
    ['helper', element(['deep'])],
    ['deep', element(['helper'])],
    ['other', element()],
  ]);

  it('are those named and what they pull in, as far as they are here', () => {
    assert.deepEqual(usedElements(['debian', 'ours'], here), ['deep', 'helper', 'ours']);
    assert.deepEqual(usedElements(['debian'], here), []);
  });

  it('are not those that another one stands for', () => {
    const both = new Map([
      ['named', element(['grub', 'loader'])],
      ['loader', element([], ['grub'])],
      ['grub', element(['useless'])],
      ['useless', element()],
    ]);
    for (const named of [
      ['loader', 'named'],
      ['named', 'loader'],
    ])
      assert.deepEqual(usedElements(named, both), ['loader', 'named']);
  });

  it('have `base` among them', () => {
    assert.deepEqual(usedElements(['vm'], new Map([['base', element()]])), ['base']);
  });
});
