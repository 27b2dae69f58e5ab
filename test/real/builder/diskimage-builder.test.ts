/** diskimage-builder fails, hangs, or finds no room: the builder says so, cleans up, and tries again. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { Ground, IMAGE, realThingsOrSkip, stopRealThings, type RealThings } from './ground.ts';
import { leftovers, onMachine } from './leftovers.ts';

const MIB = 2 ** 20;

describe('a builder whose diskimage-builder is in trouble', function () {
  this.timeout(1_200_000);
  let things: RealThings;
  let ground: Ground;
  before(async function () {
    things = await realThingsOrSkip(this);
  });
  beforeEach(async () => {
    ground = await Ground.make(things);
  });
  afterEach(() => ground.drop());
  after(stopRealThings);

  /** Until the log has such a line; answers it. */
  const untilSaid = async (words: RegExp, from = 0): Promise<string> => {
    let found: string | undefined;
    await ground.until(async () => {
      found = (await ground.log(from)).split('\n').find((line) => words.test(line));
      assert.ok(found, String(words));
    });
    return found ?? '';
  };

  const untilNothingLeft = (): Promise<void> =>
    ground.until(async () => {
      assert.deepEqual(await leftovers(ground), []);
    });

  it('says in one line at what it failed, waits, and goes on when it is mended', async () => {
    await ground.configure({ environment: { TINY_FAIL: '1' } });
    const builder = await ground.start();
    const line = await untilSaid(/build failed/);
    assert.match(
      line,
      /exit code 1: element tiny, install\.d, 50-tiny: tiny: failing because TINY_FAIL is set/,
    );
    await untilNothingLeft();
    assert.deepEqual(ground.builds(), []);
    const begun = (await ground.log()).split('build begins').length;
    await ground.configure();
    await ground.untilSettled();
    assert.equal((await ground.log()).split('build begins').length, begun + 1, 'one more try');
    assert.deepEqual(await leftovers(ground), []);
    assert.equal(await builder.stop(), 0);
  });

  it('ends what hangs, with all that it holds', async () => {
    await ground.makeSlowElement();
    const image = { elements: ['tiny', 'slow'], 'build-timeout': 60 };
    await ground.configure({ image, environment: { SLOW_SLEEP: '1000' } });
    const builder = await ground.start();
    await ground.until(async () => {
      const held = (await onMachine(ground)).join('\n');
      assert.match(held, /container/);
      assert.match(held, /\/dev\/loop/);
    });
    await untilSaid(/build failed.*not built within 60 s/);
    await untilNothingLeft();
    await ground.configure({ image: { ...image, 'build-timeout': 600 } });
    await ground.untilSettled();
    assert.deepEqual(await leftovers(ground), []);
    assert.equal(await builder.stop(), 0);
  });

  it('survives a full disk, and goes on when there is room', async () => {
    const { imagesDir } = ground;
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', imagesDir]);
    try {
      await ground.configure();
      const first = await ground.start();
      await untilSaid(/build failed.*: mkfs.*error.*; \d MiB were free in .* at the least/);
      await untilNothingLeft();
      assert.equal(await first.stop(), 0);
      await run('mount', ['-o', 'remount,size=512m', imagesDir]);
      const second = await ground.start();
      await ground.untilSettled();
      // What the first one took is not there for the next.
      const filling = join(imagesDir, 'others');
      const free = Number(await run('stat', ['-f', '-c', '%a', imagesDir])) * 4096;
      await writeFile(filling, Buffer.alloc(free - MIB));
      const before = JSON.stringify(ground.builds());
      await ground.client.ensurePath(`/nodepool/images/${IMAGE}/request-build`);
      const line = await untilSaid(/cannot be built/);
      assert.match(line, /1 MiB are free in .*an earlier build took \d+ MiB/);
      assert.equal(JSON.stringify(ground.builds()), before);
      await rm(filling);
      await ground.until(() => {
        assert.ok(!ground.store.isRequested(IMAGE));
      });
      await ground.untilSettled();
      await untilNothingLeft();
      assert.equal(await second.stop(), 0);
    } finally {
      await ground.end();
      await run('umount', [imagesDir]);
    }
  });

  it('survives a full disk for its logs', async () => {
    const { logsDir } = ground;
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', logsDir]);
    try {
      await ground.configure();
      const builder = await ground.start();
      await untilSaid(/build failed.*log of the build.*no space left/i);
      await untilNothingLeft();
      await run('mount', ['-o', 'remount,size=64m', logsDir]);
      await ground.untilSettled();
      await untilNothingLeft();
      assert.equal(await builder.stop(), 0);
    } finally {
      await ground.end();
      await run('umount', [logsDir]);
    }
  });
});
