import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { ManualClock } from '../../../fixtures/clock.ts';
import { CloudError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { SlowDownError } from '../../../shared/cloud/calls.ts';
import {
  sendSegments,
  type Segment,
  type SegmentsOptions,
} from '../../../shared/cloud/segments.ts';
import { settleByTurning } from '../drivers/settle-by-turning.ts';

const BYTES = Buffer.from(Array.from({ length: 1037 }, (_, at) => (at * 7) % 251));
const hashOf = (name: string): string => createHash(name).update(BYTES).digest('hex');
const transient = (...labels: ('unreachable' | 'ambiguous')[]): CloudError =>
  new CloudError('NP_CLOUD_TRANSIENT', 'stumbled', { labels: ['retryable', ...labels] });
const never = (): AbortSignal => new AbortController().signal;

describe('a file in segments', () => {
  let folder = '';
  let file = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segments-'));
  });
  beforeEach(async () => {
    file = join(folder, 'image');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  function subject(
    send: (segment: Segment, signal: AbortSignal, clock: ManualClock) => Promise<void>,
    changes: Partial<SegmentsOptions> = {},
  ) {
    const clock = new ManualClock();
    const taken = Buffer.alloc(BYTES.length);
    const calls: number[] = [];
    const told: number[] = [];
    const options: SegmentsOptions = {
      ...{ file, segmentBytes: 100, atOnce: 3, clock, random: () => 0.5, log: silentLogger },
      send: async (segment, signal) => {
        calls.push(segment.index);
        await send(segment, signal, clock);
        taken.set(segment.bytes, segment.offset);
      },
      onProgress: (sent, total) => {
        assert.equal(total, BYTES.length);
        told.push(sent);
      },
      ...changes,
    };
    const start = (signal = never()) => settleByTurning(clock, sendSegments(options, signal));
    return { clock, taken, calls, told, start };
  }
  /** Lets the first `times` sendings of one segment go wrong. */
  const failing =
    (index: number, times: number, error: () => Error) =>
    ({ index: at }: Segment): Promise<void> =>
      at === index && times-- > 0 ? Promise.reject(error()) : Promise.resolve();

  it('arrives whole, with checksums, whatever the sizes and the order of answers', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1100 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 3 })),
        async (segmentBytes, atOnce, delays) => {
          let onTheirWay = 0;
          let most = 0;
          const { taken, told, start, calls } = subject(
            async () => {
              most = Math.max(most, ++onTheirWay);
              for (let turns = delays.shift() ?? 0; turns > 0; turns--) await Promise.resolve();
              onTheirWay--;
            },
            { segmentBytes, atOnce },
          );
          const segments = Math.ceil(BYTES.length / segmentBytes);
          const [md5, sha256, sha512] = ['md5', 'sha256', 'sha512'].map(hashOf);
          assert.deepEqual(await start(), {
            ...{ segments, bytes: BYTES.length, checksums: { md5, sha256, sha512 } },
          });
          assert.ok(taken.equals(BYTES));
          assert.equal(calls.length, segments);
          assert.ok(most <= atOnce);
          assert.equal(told.at(-1), BYTES.length);
          assert.deepEqual(
            told,
            [...told].sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 30 },
    ));

  it('has as many on their way as it may, and counts those that are acknowledged', async () => {
    const waiting: (() => void)[] = [];
    const { told, calls, start } = subject(
      () =>
        new Promise<void>((resolve) => {
          waiting.push(resolve);
          // Nobody is answered before three are there.
          if (waiting.length === 3) for (const one of waiting.splice(0)) one();
          else assert.deepEqual(told.length % 3, 0);
        }),
      { segmentBytes: 173 },
    );
    assert.equal((await start()).segments, 6);
    assert.deepEqual(calls, [0, 1, 2, 3, 4, 5]);
    assert.equal(told.length, 6);
  });

  it('is sent again where it broke, and nowhere else', async () => {
    const { calls, taken, start } = subject(failing(4, 3, () => transient('ambiguous')));
    await start();
    assert.equal(calls.length, 11 + 3);
    assert.equal(calls.filter((index) => index === 4).length, 4);
    assert.ok(taken.equals(BYTES));
  });

  it('outlasts a service that is away for two minutes', async () => {
    const { taken, start } = subject((_segment, _signal, clock) =>
      clock.monotonic() < 120_000 ? Promise.reject(transient('unreachable')) : Promise.resolve(),
    );
    await start();
    assert.ok(taken.equals(BYTES));
  });

  it('is given up where the service stays away, or fails again and again', async () => {
    const error = transient('unreachable');
    const away = subject(() => Promise.reject(error));
    await assert.rejects(away.start(), error);
    assert.ok(away.clock.monotonic() >= 180_000);
    const failingOnes = subject(failing(7, 8, () => transient()));
    await assert.rejects(failingOnes.start(), { message: 'stumbled' });
    assert.equal(failingOnes.calls.filter((index) => index === 7).length, 8);
  });

  it('is sent again where nobody answers in time', async () => {
    let hangs = 1;
    const ended: boolean[] = [];
    const { clock, taken, start } = subject((_segment, signal) =>
      hangs-- > 0
        ? new Promise(() => {
            signal.addEventListener('abort', () => ended.push(true));
          })
        : Promise.resolve(),
    );
    await start();
    assert.ok(clock.monotonic() >= 60_000);
    assert.deepEqual(ended, [true]);
    assert.ok(taken.equals(BYTES));
  });

  it('is not sent by anybody while the cloud asks for patience', async () => {
    const at: number[] = [];
    let isAsked = false;
    const { clock, calls, taken, start } = subject(({ index }) => {
      at.push(clock.monotonic());
      if (index !== 1 || isAsked) return Promise.resolve();
      isAsked = true;
      return Promise.reject(new SlowDownError('slowly', 7000));
    });
    await start();
    assert.equal(calls.filter((index) => index === 1).length, 2);
    const later = at.filter((ms) => ms > 0);
    assert.ok(later.length >= 1);
    assert.ok(later.every((ms) => ms >= 7000));
    assert.ok(taken.equals(BYTES));
  });

  it('does not ask for ever one that only asks for patience', async () => {
    const { calls, start } = subject(() => Promise.reject(new SlowDownError('slowly', 1000)), {
      atOnce: 1,
    });
    await assert.rejects(start(), SlowDownError);
    assert.equal(calls.length, 51);
  });

  it('ends with the first failure that no repetition changes, and ends the others', async () => {
    const refused = new CloudError('NP_CLOUD_FATAL', 'no');
    let ended = 0;
    const { calls, start } = subject(({ index }, signal) =>
      index === 2
        ? Promise.reject(refused)
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              ended++;
              reject(new Error('ended'));
            });
          }),
    );
    await assert.rejects(start(), refused);
    assert.deepEqual(calls, [0, 1, 2]);
    assert.equal(ended, 2);
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const { calls, start } = subject(({ index }) => {
      if (index === 5) controller.abort();
      return Promise.resolve();
    });
    await assert.rejects(start(controller.signal), { code: 'NP_ABORTED' });
    assert.ok(calls.length < 11);
    const before = calls.length;
    await assert.rejects(start(controller.signal), { code: 'NP_ABORTED' });
    assert.equal(calls.length, before);
  });

  it('is refused where the file is not there, or becomes shorter', async () => {
    const absent = subject(() => Promise.resolve(), { file: join(folder, 'none') });
    await assert.rejects(absent.start(), { code: 'ENOENT' });
    const shorter = subject(() => truncate(file, 350), { atOnce: 1 });
    await assert.rejects(shorter.start(), { code: 'NP_CLOUD_FATAL' });
  });

  it('may be empty', async () => {
    await truncate(file, 0);
    const { start } = subject(() => Promise.reject(new Error('sent')));
    assert.equal((await start()).segments, 0);
  });
});
