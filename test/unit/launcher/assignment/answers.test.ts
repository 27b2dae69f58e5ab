import assert from 'node:assert/strict';

import { Answers } from '../../../../launcher/assignment/answers.ts';
import type { Decision } from '../../../../launcher/assignment/decide.ts';
import type { DeclineCode, DeferCode } from '../../../../launcher/assignment/reasons.ts';
import type { Pool } from '../../../../launcher/pools/pool.ts';
import { request, stored } from '../../../support/launcher-world.ts';

const pool = (key: string): Pool => ({ key }) as unknown as Pool;
const own = pool('own');
const other = pool('other');
const one = stored('100-0000000001', request());

const defer = (...codes: DeferCode[]): Decision => ({
  kind: 'defer',
  reasons: codes.map((code) => ({ code, text: code })),
});
const decline = (code: DeclineCode): Decision => ({
  kind: 'decline',
  reasons: [{ code, text: code }],
});
const ignore: Decision = { kind: 'ignore' };

describe('answers to requests', () => {
  let nowMs: number;
  let answers: Answers;
  const note = (...decisions: (readonly [Pool, Decision])[]): boolean =>
    answers.note(
      one,
      decisions.map(([who, decision]) => ({ pool: who, decision })),
    );
  const kept = (): string[] =>
    answers
      .of(one.id)
      .map(({ pool: who, kind, reasons, sinceMs }) =>
        [who.key, kind, ...reasons.map(({ code }) => code), sinceMs].join(' '),
      );

  beforeEach(() => {
    nowMs = 1000;
    answers = new Answers(() => nowMs);
  });

  it('are news once, until they change', () => {
    assert.equal(note([own, defer('max-concurrency')]), true);
    assert.equal(note([own, defer('max-concurrency')]), false);
    assert.equal(note([own, decline('image-missing')]), true);
    assert.equal(note([own, decline('image-missing')]), false);
  });

  it('tell since when a pool says so, whatever others say', () => {
    note([own, defer('max-concurrency')], [other, defer('better-pool')]);
    nowMs = 2000;
    note([own, defer('max-concurrency')], [other, defer('no-free-host')]);
    assert.deepEqual(kept(), ['own defer max-concurrency 1000', 'other defer no-free-host 2000']);
  });

  it('stay those of a pool that declined and is not asked any more', () => {
    note([own, decline('image-missing')], [other, defer('max-concurrency')]);
    nowMs = 2000;
    note([own, ignore], [other, defer('no-free-host')]);
    assert.deepEqual(kept(), ['own decline image-missing 1000', 'other defer no-free-host 2000']);
  });

  it('leave out what anybody can see: labels that a pool does not have', () => {
    assert.equal(
      note([own, decline('label-missing')], [other, defer('other-pool-has-label')]),
      true,
    );
    assert.deepEqual(kept(), []);
  });

  it('keep why a pool gave up while it served the request', () => {
    note([other, defer('better-pool')]);
    nowMs = 2000;
    answers.declined(one.id, own, [{ code: 'launch-failed', text: 'broken' }]);
    assert.deepEqual(kept(), ['own decline launch-failed 2000', 'other defer better-pool 1000']);
    note([own, ignore], [other, defer('max-concurrency')]);
    assert.deepEqual(kept(), [
      'own decline launch-failed 2000',
      'other defer max-concurrency 2000',
    ]);
  });

  it('are bounded for each request', () => {
    note(
      ...Array.from(
        { length: 100 },
        (_, index) => [pool(String(index)), defer('better-pool')] as const,
      ),
    );
    assert.equal(kept().length, 32);
  });

  it('are forgotten with their request', () => {
    note([own, defer('max-concurrency')]);
    answers.forget(one.id);
    assert.deepEqual(kept(), []);
    assert.equal(note([own, defer('max-concurrency')]), true);
  });

  it('cost one look where the same decisions come again', () => {
    let looks = 0;
    const watched = {
      get key() {
        looks++;
        return 'own';
      },
    } as unknown as Pool;
    const decisions = [{ pool: watched, decision: defer('max-concurrency') }];
    answers.note(one, decisions);
    const first = looks;
    answers.note(one, decisions);
    assert.equal(looks, first);
  });
});
