import assert from 'node:assert/strict';

import { uploadsToBegin } from '../../../../builder/plan/upload-slots.ts';

describe('places for uploads', () => {
  const of = (...providers: string[]): { provider: string }[] =>
    providers.map((provider) => ({ provider }));
  const begun = (missing: string[], running: string[], workers: number, providers: number) =>
    uploadsToBegin({ missing: of(...missing), running, workers, providers }).map(
      ({ provider }) => provider,
    );

  it('are all there for a single provider', () => {
    assert.deepEqual(begun(['a', 'a', 'a', 'a'], ['a'], 4, 1), ['a', 'a', 'a']);
  });

  it('are left for each other provider, however much one wants', () => {
    assert.deepEqual(begun(['a', 'a', 'a', 'a', 'b'], [], 4, 2), ['a', 'a', 'a', 'b']);
    assert.deepEqual(begun(['a', 'b', 'b'], ['a', 'a', 'a'], 4, 2), ['b']);
    assert.deepEqual(begun(['a', 'a', 'b', 'c'], ['a', 'a'], 4, 3), ['b', 'c']);
  });

  it('are one for each where there are fewer of them than providers', () => {
    assert.deepEqual(begun(['a', 'a', 'b', 'c'], [], 2, 3), ['a', 'b']);
    assert.deepEqual(begun(['a', 'b'], ['c', 'd'], 2, 4), []);
  });
});
