import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { ListingPace, listingSeconds } from '../../../shared/cloud/listing-pace.ts';

const SHORTEST_MS = 1000;

describe('the pace of listings', () => {
  it('is the shortest tick for those who have just begun to wait, and where nobody does', async () => {
    const clock = new ManualClock();
    const pace = new ListingPace(clock, SHORTEST_MS);
    assert.equal(pace.tickMs(), SHORTEST_MS);
    pace.begin();
    await clock.advance(12_000);
    assert.equal(pace.tickMs(), SHORTEST_MS);
  });

  it('grows with the time that half of them have waited, up to five ticks', async () => {
    const clock = new ManualClock();
    const pace = new ListingPace(clock, SHORTEST_MS);
    const done = pace.begin();
    await clock.advance(36_000);
    assert.equal(pace.tickMs(), 3000);
    await clock.advance(600_000);
    assert.equal(pace.tickMs(), 5000);
    done();
    assert.equal(pace.tickMs(), SHORTEST_MS);
  });

  it('is half as quick while other calls wait for their turn, and no slower than else at most', async () => {
    const clock = new ManualClock();
    let isBusy = true;
    const pace = new ListingPace(clock, SHORTEST_MS, () => isBusy);
    assert.equal(pace.tickMs(), 2000);
    isBusy = false;
    assert.equal(pace.tickMs(), SHORTEST_MS);
    isBusy = true;
    pace.begin();
    await clock.advance(600_000);
    assert.equal(pace.tickMs(), 5000);
  });

  it('leaves half of the calls to others, where all have one budget', () => {
    assert.equal(listingSeconds(1, 100), 1);
    assert.equal(listingSeconds(1, 0.5), 4);
  });
});
