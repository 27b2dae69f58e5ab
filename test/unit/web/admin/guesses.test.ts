import assert from 'node:assert/strict';

import { Guesses } from '../../../../shared/web/admin/guesses.ts';

describe('guesses of tokens', () => {
  function tried(address: string, times: number, nowMs = 0, guesses = new Guesses()): Guesses {
    for (let i = 0; i < times; i++) guesses.wrong(address, nowMs);
    return guesses;
  }

  it('may be wrong ten times in a minute, then their address waits for the rest of it', () => {
    const guesses = tried('192.0.2.1', 9);
    assert.equal(guesses.waitSeconds('192.0.2.1', 10_000), 0);
    guesses.wrong('192.0.2.1', 10_000);
    assert.equal(guesses.waitSeconds('192.0.2.1', 10_000), 50);
    assert.equal(guesses.waitSeconds('192.0.2.2', 10_000), 0);
    assert.equal(guesses.waitSeconds('192.0.2.1', 59_999), 1);
    assert.equal(guesses.waitSeconds('192.0.2.1', 60_000), 0);
    guesses.wrong('192.0.2.1', 60_000);
    assert.equal(guesses.waitSeconds('192.0.2.1', 60_000), 0);
  });

  it('are counted for a network where it has addresses without number', () => {
    const guesses = tried('2001:db8:0:1::5', 10);
    assert.equal(guesses.waitSeconds('2001:db8:0:1:ffff::1', 0), 60);
    assert.equal(guesses.waitSeconds('2001:db8:0:2::5', 0), 0);
    const mapped = tried('::ffff:192.0.2.1', 10);
    assert.equal(mapped.waitSeconds('::ffff:192.0.2.2', 0), 0);
  });

  it('are remembered of so many addresses only, the latest ones', () => {
    const guesses = tried('192.0.2.1', 10);
    for (let i = 0; i < 999; i++) guesses.wrong(`10.0.${i >> 8}.${i & 255}`, 1);
    assert.equal(guesses.waitSeconds('192.0.2.1', 1), 60);
    guesses.wrong('198.51.100.1', 1);
    assert.equal(guesses.waitSeconds('192.0.2.1', 1), 0);
  });
});
