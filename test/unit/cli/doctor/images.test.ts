import assert from 'node:assert/strict';

import { judgeDisk } from '../../../../shared/cli/doctor/judge/disk.ts';
import { judgeImage, type ImageFacts } from '../../../../shared/cli/doctor/judge/images.ts';
import { judgeWeb } from '../../../../shared/cli/doctor/judge/web.ts';
import type { BuildView } from '../../../../shared/rules/images/view.ts';
import { build, upload } from '../../rules/images/views.ts';
import { config, fake, labels, NOW, type Sections } from '../plan/world.ts';
import { codes } from './world.ts';

const DAY = 86_400;

function world(fields: Sections = {}): Pick<ImageFacts, 'image' | 'config'> {
  const all = config({
    ...labels('small'),
    diskimages: [{ name: 'trixie', ...fields }],
    providers: [{ ...fake('cloud', { main: [] }), diskimages: [{ name: 'trixie' }] }],
  });
  const image = all.diskimages.get('trixie');
  assert.ok(image);
  return { image, config: all };
}

const there = (age = 100): BuildView =>
  build('b1', 'ready', NOW - age, { uploads: [upload('cloud', '1', 'ready', NOW - age)] });

function judge(
  builds: readonly BuildView[],
  fields: Partial<ImageFacts> & { readonly isPaused?: boolean } = {},
  sections: Sections = {},
): string[] {
  const { isPaused = false, ...rest } = fields;
  const facts = { isBuildLocked: true, uploadLocks: new Set<string>(), now: NOW, ...rest };
  return codes(judgeImage({ ...world(sections), state: { builds, isPaused }, ...facts }));
}

describe('an image', () => {
  it('is well', () => {
    assert.deepEqual(judge([there()]), []);
    assert.deepEqual(judge([there(1.9 * DAY)]), []);
  });

  it('may not be there', () => {
    assert.deepEqual(judge([]), ['problem image-not-built']);
    assert.deepEqual(judge([], { isPaused: true }), ['warning image-not-built']);
    assert.deepEqual(judge([], {}, { pause: true }), ['warning image-not-built']);
    assert.deepEqual(judge([build('b', 'building', NOW - 10)]), []);
  });

  it('may fail again and again', () => {
    const failed = (id: string, age: number): BuildView => build(id, 'failed', NOW - age);
    assert.deepEqual(judge([there(), failed('x', 10)]), []);
    assert.deepEqual(judge([there(), failed('x', 10), failed('y', 20)]), ['warning builds-failed']);
    assert.deepEqual(judge([failed('x', 10), failed('y', 20)]), [
      'problem builds-failed',
      'problem image-not-built',
    ]);
    assert.deepEqual(judge([there(5), failed('x', 10), failed('y', 20)]), []);
  });

  it('may be old', () => {
    assert.deepEqual(judge([there(2.1 * DAY)]), ['warning image-old']);
    assert.deepEqual(judge([there(2.1 * DAY)], { isPaused: true }), []);
  });

  it('may lack its upload', () => {
    assert.deepEqual(judge([build('b1', 'ready', NOW - 10)]), ['problem image-not-uploaded']);
    const older = { ...there(), id: 'b0' };
    assert.deepEqual(judge([build('b1', 'ready', NOW - 10), older]), []);
  });

  it('may be built by nobody, or for too long', () => {
    const building = (age: number): BuildView => build('b2', 'building', NOW - age);
    assert.deepEqual(judge([there(), building(1000)]), []);
    assert.deepEqual(judge([there(), building(1000)], { isBuildLocked: false }), [
      'warning work-abandoned',
    ]);
    assert.deepEqual(judge([there(), building(8 * 3600 + 700)]), ['warning work-long']);
  });

  it('may be uploaded by nobody, or for too long', () => {
    const uploading = (age: number): BuildView => ({
      ...there(),
      uploads: [...there().uploads, upload('other', '2', 'uploading', NOW - age)],
    });
    const uploadLocks = new Set(['b1/other']);
    assert.deepEqual(judge([uploading(1000)], { uploadLocks }), []);
    assert.deepEqual(judge([uploading(1000)]), ['warning work-abandoned']);
    assert.deepEqual(judge([uploading(500)]), []);
    assert.deepEqual(judge([uploading(8000)], { uploadLocks }), ['warning work-long']);
  });
});

describe('room for builds', () => {
  const GIB = 2 ** 30;
  for (const [what, free, largest, expected] of [
    ['is there', 100, 10, []],
    ['is less than a build takes while it is made', 15, 10, ['warning disk-full']],
    ['is less than a build takes', 9, 10, ['problem disk-full']],
    ['is little of a large disk', 40, 1, ['warning disk-full']],
    ['is unknown before the first build', 100, 0, []],
  ] as const) {
    it(what, () => {
      const bytes = { freeBytes: free * GIB, largestBytes: largest * GIB, totalBytes: 1000 * GIB };
      assert.deepEqual(codes(judgeDisk({ folder: '/images', ...bytes })), expected);
    });
  }
});

describe('the words on room', () => {
  it('name the largest build where there is one', () => {
    const words = (largestBytes: number): string | undefined =>
      judgeDisk({ folder: '/images', freeBytes: 1, totalBytes: 1000, largestBytes })[0]?.seen;
    assert.equal(words(2048), '1 B of 1000 B are free, the largest build takes 2.0 KiB');
    assert.equal(words(0), '1 B of 1000 B are free');
  });
});

describe('a web server', () => {
  const judgeStatus = (status: number | undefined): string[] =>
    codes(judgeWeb({ whose: 'launcher a', url: 'http://a:8005', status, problem: 'refused' }));

  it('answers, is not ready, or does not answer', () => {
    assert.deepEqual(judgeStatus(200), []);
    assert.deepEqual(judgeStatus(503), ['problem not-ready']);
    assert.deepEqual(judgeStatus(undefined), ['warning web-unreachable']);
    // Another program’s, or one of the original’s: it is there.
    assert.deepEqual(judgeStatus(404), []);
  });
});
