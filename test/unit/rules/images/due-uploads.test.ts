import assert from 'node:assert/strict';

import { decideUploads, type UploadInput } from '../../../../shared/rules/images/due-uploads.ts';
import { build, upload } from './views.ts';

const NEWEST = build('new', 'ready', 20, { formats: 'qcow2,raw' });

function missing(input: Partial<UploadInput>): string[] {
  return decide(input).missing.map((one) => `${one.build} to ${one.provider} as ${one.format}`);
}

function decide(input: Partial<UploadInput>): ReturnType<typeof decideUploads> {
  return decideUploads({
    builds: [build('old', 'ready', 10, { formats: 'qcow2,raw' }), NEWEST],
    wishes: [
      { provider: 'one', isPaused: false, format: 'qcow2' },
      { provider: 'two', isPaused: false, format: 'raw' },
    ],
    filesOf: () => ['qcow2', 'raw'],
    failuresOf: () => undefined,
    now: 100,
    ...input,
  });
}

describe('uploads are missing', () => {
  it('of the newest build that can be used, to each provider in its format', () => {
    assert.deepEqual(missing({}), ['new to one as qcow2', 'new to two as raw']);
    assert.deepEqual(missing({ builds: [] }), []);
    assert.deepEqual(missing({ builds: [build('x', 'building', 30)] }), []);
  });

  it('not where one is usable; one that failed or runs is no upload', () => {
    const uploads = [
      upload('one', '0000000001', 'ready', 30),
      upload('two', '0000000001', 'failed', 30),
      upload('two', '0000000002', 'uploading', 30),
    ];
    assert.deepEqual(missing({ builds: [{ ...NEWEST, uploads }] }), ['new to two as raw']);
  });

  it('not of files that are not here, or that were not built', () => {
    assert.deepEqual(missing({ filesOf: () => ['raw'] }), ['new to two as raw']);
    const { record } = build('new', 'ready', 20, { formats: 'raw' });
    assert.deepEqual(missing({ builds: [{ ...NEWEST, record }] }), ['new to two as raw']);
    assert.deepEqual(missing({ filesOf: (id) => (id === 'old' ? ['qcow2'] : []) }), []);
  });

  it('not where the provider pauses them', () => {
    assert.deepEqual(
      missing({ wishes: [{ provider: 'one', isPaused: true, format: 'qcow2' }] }),
      [],
    );
  });

  it('again after a pause that grows where they failed', () => {
    const failuresOf = (_: string, provider: string) =>
      provider === 'one' ? { count: 3, lastAt: 90 } : { count: 1, lastAt: 95 };
    assert.deepEqual(decide({ failuresOf }), { missing: [], nextAt: 105 });
    assert.deepEqual(missing({ failuresOf, now: 105 }), ['new to two as raw']);
    assert.equal(decide({ failuresOf, now: 105 }).nextAt, 130);
    assert.equal(decide({ failuresOf, now: 130 }).missing.length, 2);
  });
});
