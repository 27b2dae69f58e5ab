/** The connection to ZooKeeper is away for a moment or for long, or the builder is told to stop. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Ground, realThingsOrSkip, stopRealThings, type RealThings } from './ground.ts';
import { leftovers, onMachine } from './leftovers.ts';
import { Moments, type Phase } from './moments.ts';

/** Shorter and longer than the session. */
const SHORT_MS = 1500;
const LONG_MS = 8000;
/** Of a stop: diskimage-builder unmounts what it has mounted. */
const STOP_MS = 60_000;
const PHASES: readonly Phase[] = ['in diskimage-builder', 'upload', 'hook'];
const SLOW = { service: 'image', method: 'PUT', route: '/images/ID/file' } as const;

describe('a builder in the middle of its work', function () {
  this.timeout(1_200_000);
  let things: RealThings;
  let ground: Ground;
  before(async function () {
    things = await realThingsOrSkip(this);
  });
  beforeEach(async () => {
    ground = await Ground.make(things);
    await ground.configure({ environment: { TINY_SLEEP: '3' } });
    await ground.setHookSeconds(3);
    for (const { faults } of Object.values(ground.proxies))
      faults.add({ ...SLOW, fault: { kind: 'slow', bytesPerSecond: 4 * 2 ** 20 } });
  });
  afterEach(() => ground.drop());
  after(stopRealThings);

  const untilClean = (): Promise<void> =>
    ground.until(async () => {
      assert.deepEqual(await leftovers(ground), []);
    });

  /** No connection for so long. */
  const cutOff = async (ms: number): Promise<void> => {
    ground.line.refuse(true);
    ground.line.cut();
    await pause(ms);
    ground.line.refuse(false);
  };

  it('goes on where ZooKeeper is away for a moment', async () => {
    const builder = await ground.start();
    for (const phase of ['in diskimage-builder', 'upload'] as const) {
      await new Moments(ground).untilIn(phase);
      await cutOff(SHORT_MS);
    }
    await ground.untilSettled();
    assert.equal(ground.builds().length, 1);
    assert.doesNotMatch(await ground.log(), /build failed|upload failed/);
    await untilClean();
    assert.equal(await builder.stop(), 0);
  });

  it('ends what it did and begins anew where its session is lost', async () => {
    const builder = await ground.start();
    await new Moments(ground).untilIn('in diskimage-builder');
    const [first] = ground.builds();
    await cutOff(LONG_MS);
    await ground.until(async () => {
      assert.match(await ground.log(), /build failed/);
      assert.ok(ground.builds().every(({ id }) => id !== first?.id));
    });
    await new Moments(ground).untilIn('upload');
    await cutOff(LONG_MS);
    await ground.until(async () => {
      assert.match(await ground.log(), /upload failed/);
    });
    await ground.untilSettled();
    assert.equal(ground.builds().length, 1);
    await untilClean();
    assert.equal(await builder.stop(), 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`leaves nothing when ${signal} ends it`, async () => {
      for (const phase of PHASES) {
        const moments = new Moments(ground);
        const builder = await ground.start();
        await moments.untilIn(phase);
        builder.kill(signal);
        const ended = await Promise.race([
          builder.ended,
          pause(STOP_MS, 'too late', { ref: false }),
        ]);
        assert.equal(ended, 0, phase);
        assert.deepEqual(await onMachine(ground), [], phase);
        for (const { state } of [...ground.builds(), ...ground.uploads()])
          assert.match(state, /ready|failed/, phase);
        const known = ground.uploads().map(({ external_id: id }) => id);
        for (const { id } of await ground.cloudImages()) assert.ok(known.includes(id), phase);
      }
      const builder = await ground.start();
      await ground.untilSettled();
      await untilClean();
      assert.equal(await builder.stop(), 0);
    });
});
