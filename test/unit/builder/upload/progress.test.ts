import assert from 'node:assert/strict';

import { ProgressMeter } from '../../../../builder/upload/progress.ts';
import { ManualClock } from '../../../../fixtures/clock.ts';

describe('the progress of an upload', () => {
  it('tells rate and time left of the last while', async () => {
    const clock = new ManualClock();
    const meter = new ProgressMeter(clock);
    assert.deepEqual(
      { ...meter.now },
      {
        ...{ sentBytes: 0, totalBytes: 0, percent: 0, bytesPerSecond: 0 },
        ...{ secondsLeft: undefined, seconds: 0 },
      },
    );
    for (let second = 1; second <= 100; second++) {
      await clock.advance(1000);
      meter.update(second * 10, 4000);
    }
    assert.deepEqual(
      { ...meter.now },
      {
        ...{ sentBytes: 1000, totalBytes: 4000, percent: 25, bytesPerSecond: 10 },
        ...{ secondsLeft: 300, seconds: 100 },
      },
    );
    for (let second = 1; second <= 40; second++) {
      await clock.advance(1000);
      meter.update(1000 + second * 50, 4000);
    }
    const rate = (): number => meter.now.bytesPerSecond;
    assert.equal(rate(), 50, 'the slow time is forgotten');
    await clock.advance(15_000);
    assert.ok(rate() > 20 && rate() < 30, 'it stands still for half of it');
    await clock.advance(15_000);
    assert.deepEqual([rate(), meter.now.secondsLeft], [0, undefined], 'nothing moves any more');
  });

  it('keeps few points, however often it is told', async () => {
    const clock = new ManualClock();
    const meter = new ProgressMeter(clock);
    for (let step = 1; step <= 1000; step++) {
      await clock.advance(1);
      meter.update(step, 1000);
    }
    assert.equal(meter.now.sentBytes, 1000);
    assert.equal(Math.round(meter.now.bytesPerSecond), 1000);
  });

  it('begins anew where the file is sent anew', async () => {
    const clock = new ManualClock();
    const meter = new ProgressMeter(clock);
    await clock.advance(1000);
    meter.update(500, 1000);
    await clock.advance(1000);
    meter.update(100, 1000);
    assert.ok(meter.now.bytesPerSecond >= 0);
    assert.equal(meter.now.percent, 10);
  });
});
