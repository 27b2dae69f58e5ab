/** What the dashboard makes of times, amounts, launches, limits and images. */
import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  age,
  amount,
  bytes,
  count,
  countOf,
  duration,
  gapText,
  isPython,
} from '../../../../shared/web/dashboard/format.js';
import { imageFacts, sayUploads } from '../../../../shared/web/dashboard/image-facts.js';
import {
  endOf,
  sayLaunch,
  segmentsOf,
  ticksOf,
} from '../../../../shared/web/dashboard/timeline.js';
import type { BuildRow, UploadRow } from '../../../../shared/web/dashboard/types.ts';

describe('words of the dashboard', () => {
  it('say times', () => {
    const times = [-5, 0, 59.9, 60, 75, 600, 3600, 7260, 90_000];
    assert.deepEqual(times.map(duration), [
      ...['0 s', '0 s', '59 s', '1 min', '1 min 15 s', '10 min', '1 h 00 min', '2 h 01 min'],
      '1 d 1 h',
    ]);
    assert.deepEqual([119, 120, 7199, 7200, 172_800].map(age), [
      '119 s',
      '2 min',
      '119 min',
      '2 h',
      '2 d',
    ]);
  });

  it('say amounts', () => {
    assert.deepEqual([0, 999, 1000, 1_234_567].map(count), ['0', '999', '1,000', '1,234,567']);
    assert.deepEqual([0, 1023, 1024, 1536, 5e9].map(bytes), [
      '0 B',
      '1023 B',
      '1 KiB',
      '1.5 KiB',
      '4.7 GiB',
    ]);
    assert.equal(amount('ram', 8192), '8 GiB');
    assert.equal(amount('cores', 8192), '8,192');
    assert.deepEqual(
      [1, 2].map((one) => countOf(one, 'launch')),
      ['1 launch', '2 launches'],
    );
    assert.equal(countOf(0, 'node'), '0 nodes');
  });

  it('say what is missing', () => {
    const gap = { of: 'cloud', resource: 'cores', need: 8, left: 3 };
    assert.equal(gapText(gap), '5 of 8 cores missing (quota of the cloud)');
    assert.equal(
      gapText({ ...gap, of: 'tenant', left: -2 }),
      '8 cores missing, 2 over the limit already (limit of the tenant)',
    );
  });

  it('tell Python versions from ours', () => {
    assert.deepEqual(['11.0.0', '4.0.0', '0.1.0', 'unknown', null].map(isPython), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('the timeline of a launch', () => {
  const axis = { from: 1000, to: 1100, now: 1090 };
  const launch = {
    steps: [
      { phase: 'waiting-for-room' as const, since: 990, attempt: null },
      { phase: 'creating' as const, since: 1010, attempt: 1 },
      { phase: 'scanning-host-keys' as const, since: 1060, attempt: 1 },
    ],
    ended: null,
  };

  it('cuts phases at its edges, and lets the last one reach to now', () => {
    const segments = segmentsOf(launch, axis);
    assert.deepEqual(
      segments.map(({ phase, left, width, seconds, isNow }) => [
        phase,
        left,
        width,
        seconds,
        isNow,
      ]),
      [
        ['waiting-for-room', 0, 10, 20, false],
        ['creating', 10, 50, 50, false],
        ['scanning-host-keys', 60, 30, 30, true],
      ],
    );
    assert.equal(
      sayLaunch(segments, (phase) => phase, duration),
      'waiting-for-room 20 s, creating 50 s, scanning-host-keys for 30 s',
    );
    assert.equal(endOf(launch, axis), undefined);
  });

  it('marks the end, and shows nothing of what lies outside', () => {
    const steps = [...launch.steps, { phase: 'given-up' as const, since: 1070, attempt: 1 }];
    assert.deepEqual(endOf({ steps, ended: 1070 }, axis), { isReady: false, left: 70 });
    assert.deepEqual(segmentsOf({ steps, ended: 1070 }, { from: 2000, to: 2100, now: 2090 }), []);
  });

  it('never draws outside of the line', () => {
    const times = fc.array(fc.integer({ min: 900, max: 1200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(times, fc.boolean(), (moments, hasEnded) => {
        const steps = moments
          .toSorted((a, b) => a - b)
          .map((since) => ({ phase: 'creating' as const, since, attempt: 1 }));
        const ended = hasEnded ? (steps.at(-1)?.since ?? 0) + 5 : null;
        for (const { left, width, seconds } of segmentsOf({ steps, ended }, axis))
          assert.ok(left >= 0 && width >= 0 && left + width <= 100.001 && seconds >= 0);
      }),
    );
  });

  it('has as many ticks as there is room for', () => {
    assert.deepEqual(
      ticksOf({ from: 0, to: 300, now: 300 }, 5).map(({ ago }) => ago),
      [0, 60, 120, 180, 240, 300],
    );
  });
});

describe('facts of an image', () => {
  const build = (number: number, state: string): BuildRow => ({
    ...{ id: `i-${number}`, image: 'i', build: String(number), builder: null, formats: [] },
    ...{ state, state_time: 0, paused: false },
  });
  const upload = (number: number, provider: string, state: string): UploadRow => ({
    ...{ id: `i/${number}/${provider}`, image: 'i', build: String(number), provider, upload: '1' },
    ...{ external_name: null, external_id: null, state, state_time: 0 },
  });
  const facts = (builds: BuildRow[], uploads: UploadRow[], paused = false) => {
    const images = [{ id: 'i', paused, build_request: null, build_request_time: null }];
    const [found] = imageFacts({ images, builds, uploads, builders: [] });
    assert.ok(found);
    return found;
  };

  it('say in one word how it is', () => {
    const ready = [build(9, 'ready')];
    assert.equal(facts([], []).state, 'no build');
    assert.equal(facts(ready, []).state, 'ready');
    assert.equal(facts(ready, [], true).state, 'paused');
    assert.equal(facts([build(9, 'ready'), build(10, 'building')], []).state, 'building');
    assert.equal(facts([build(9, 'ready'), build(10, 'failed')], []).state, 'failed');
    assert.equal(facts(ready, [upload(9, 'a', 'uploading')]).state, 'uploading');
    assert.equal(facts(ready, [upload(9, 'a', 'failed'), upload(9, 'b', 'ready')]).state, 'failed');
    // What is wrong with an older build is past.
    assert.equal(facts([build(10, 'ready'), ...ready], [upload(9, 'a', 'failed')]).state, 'ready');
  });

  it('count the uploads of the newest build that is ready', () => {
    const builds = [build(10, 'building'), build(9, 'ready'), build(8, 'ready')];
    const uploads = [upload(8, 'a', 'ready'), upload(9, 'a', 'ready'), upload(9, 'b', 'uploading')];
    assert.equal(sayUploads(facts(builds, uploads)), '1 of 2 ready, 1 uploading');
    assert.equal(sayUploads(facts([], [])), 'none');
  });
});
