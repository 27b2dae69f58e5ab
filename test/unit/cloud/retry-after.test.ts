import assert from 'node:assert/strict';

import { retryAfterMs } from '../../../shared/cloud/retry-after.ts';

const NOW = Date.parse('Tue, 24 Nov 2026 21:00:00 GMT');

describe('Retry-After', () => {
  const cases = [
    ['0', 0],
    [' 12 ', 12_000],
    ['Tue, 24 Nov 2026 21:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 20:00:00 GMT', 0],
    ['99999999', 300_000],
    ['soon', 1000],
    ['', 1000],
    [null, 1000],
  ] as const;
  for (const [header, ms] of cases)
    it(`${JSON.stringify(header)} means ${ms} ms`, () => {
      assert.equal(retryAfterMs(header, NOW), ms);
    });
});
