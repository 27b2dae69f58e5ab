import assert from 'node:assert/strict';

import { sayBytes, sayDuration } from '../../../shared/base/words.ts';

describe('sayDuration', () => {
  for (const [seconds, words] of [
    [-5, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min 59 s'],
    [3605, '1 h'],
    [3665, '1 h 1 min'],
    [86_400 * 3 + 7200, '3 d 2 h'],
  ] as const)
    it(`says ${words} for ${seconds} seconds`, () => {
      assert.equal(sayDuration(seconds), words);
    });
});

describe('sayBytes', () => {
  for (const [bytes, words] of [
    [-1, '0 B'],
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1200 * 1024, '1.2 MiB'],
    [30.4 * 1024 ** 2, '30 MiB'],
    [1024 ** 3 - 1, '1.0 GiB'],
    [9.96 * 1024 ** 3, '10 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ] as const)
    it(`says ${words} for ${bytes}`, () => {
      assert.equal(sayBytes(bytes), words);
    });
});
