import assert from 'node:assert/strict';

import {
  decideBuild,
  type BuildDecision,
  type DueInput,
} from '../../../../shared/rules/images/due-build.ts';
import type { ImageWish } from '../../../../shared/rules/images/view.ts';
import { build } from './views.ts';

const WISH: ImageWish = {
  name: 'debian',
  isPaused: false,
  isRequested: false,
  isRequestNew: true,
  formats: ['qcow2'],
  rebuildAgeSeconds: 100,
};

function decide(wish: Partial<ImageWish>, input: Partial<DueInput> = {}): BuildDecision {
  const given = { builds: [], failures: undefined, outdated: undefined, now: 1000, ...input };
  return decideBuild({ wish: { ...WISH, ...wish }, ...given });
}
const due = (reason: string) => ({ kind: 'due', reason });

describe('a build is due', () => {
  const fresh = [build('old', 'ready', 500), build('new', 'ready', 950)];

  it('where there is none that can be used', () => {
    assert.deepEqual(decide({}), due('none'));
    const useless = [build('a', 'failed', 999), build('b', 'building', 999)];
    assert.deepEqual(decide({}, { builds: useless }), due('none'));
  });

  it('when the newest is as old as rebuild-age, and not before', () => {
    assert.deepEqual(decide({}, { builds: fresh, now: 1050 }), due('age'));
    const wait = { kind: 'wait', why: 'fresh', until: 1050 };
    assert.deepEqual(decide({}, { builds: fresh, now: 1049.9 }), wait);
  });

  it('when a format is wanted that the newest lacks, but not when one is no more wanted', () => {
    assert.deepEqual(decide({ formats: ['qcow2', 'raw'] }, { builds: fresh }), due('formats'));
    const both = [build('new', 'ready', 950, { formats: 'qcow2,raw' })];
    assert.equal(decide({ formats: ['raw'] }, { builds: both }).kind, 'wait');
  });

  it('when what goes into the newest has changed, but not into one before', () => {
    assert.deepEqual(decide({}, { builds: fresh, outdated: 'new' }), due('inputs'));
    const wait = { kind: 'wait', why: 'fresh', until: 1050 };
    assert.deepEqual(decide({}, { builds: fresh, outdated: 'old' }), wait);
    const last = { lastAt: 1000, count: 1 };
    const failed = decide({}, { builds: fresh, outdated: 'new', failures: last });
    assert.deepEqual(failed, { kind: 'wait', why: 'failed', until: 1060 });
    assert.equal(decide({ isPaused: true }, { builds: fresh, outdated: 'new' }).kind, 'wait');
  });

  it('when somebody asks for it, however new the last one is', () => {
    assert.deepEqual(decide({ isRequested: true }, { builds: fresh }), due('requested'));
  });

  it('at once when somebody asks anew after it failed', () => {
    const failures = { lastAt: 999, count: 9 };
    assert.deepEqual(decide({ isRequested: true }, { failures }), due('requested'));
    const tried = decide({ isRequested: true, isRequestNew: false }, { failures });
    assert.deepEqual(tried, { kind: 'wait', why: 'failed', until: 4599 });
    assert.equal(decide({}, { failures }).kind, 'wait');
  });

  it('never while it is paused, or without a format', () => {
    for (const [wish, why] of [
      [{ isPaused: true, isRequested: true }, 'paused'],
      [{ formats: [], isRequested: true }, 'no-formats'],
    ] as const)
      assert.deepEqual(decide(wish), { kind: 'wait', why, until: undefined });
  });

  it('again after a pause that grows where it failed', () => {
    const until = (count: number): unknown => {
      const decision = decide({}, { failures: { count, lastAt: 1000 } });
      return decision.kind === 'wait' ? decision.until : decision;
    };
    assert.deepEqual([1, 2, 3, 20].map(until), [1060, 1120, 1240, 4600]);
    assert.deepEqual(decide({}, { failures: { count: 1, lastAt: 940 } }), due('none'));
  });
});
