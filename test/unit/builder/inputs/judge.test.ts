import assert from 'node:assert/strict';

import { judge, type Judgement, type Look } from '../../../../builder/inputs/judge.ts';

const BEFORE: Judgement = { build: 'one', digest: 'a', isOutdated: false, streak: 0 };
const LOOK: Look = { build: 'one', builtAt: 1000, digest: 'a', hasChanged: true, now: 2000 };

const outdated = (before: Partial<Judgement>, look: Partial<Look> = {}): boolean =>
  judge({ ...BEFORE, ...before }, { ...LOOK, ...look }).isOutdated;
const streak = (before: Partial<Judgement>, look: Partial<Look>): number =>
  judge({ ...BEFORE, ...before }, { ...LOOK, ...look }).streak;

describe('a build is outdated', () => {
  it('when another content is seen a second time in a row', () => {
    assert.ok(outdated({}));
    assert.ok(!outdated({}, { hasChanged: false }));
    assert.ok(!outdated({ digest: 'b' }));
    assert.ok(!outdated({ build: 'zero' }), 'of another build');
    assert.ok(!judge(undefined, LOOK).isOutdated);
  });

  it('only after a pause where builds before it have changed at once, too', () => {
    const dueAt = (streak: number): number[] =>
      [999, 1599, 1600, 2199, 2200, 22_599, 22_600].filter((now) => outdated({ streak }, { now }));
    assert.equal(dueAt(1)[0], 999);
    assert.equal(dueAt(2)[0], 1600);
    assert.equal(dueAt(3)[0], 2200);
    assert.equal(dueAt(20)[0], 22_600, 'six hours at most');
  });

  it('counts builds that have changed at once, until one has not', () => {
    assert.equal(judge(undefined, LOOK).streak, 1);
    assert.equal(streak({ build: 'zero', streak: 3 }, {}), 4);
    assert.equal(streak({ build: 'zero', streak: 3 }, { hasChanged: false }), 0);
    assert.equal(streak({ streak: 3 }, {}), 3, 'once each');
    assert.equal(streak({ streak: 0 }, { digest: 'b' }), 0, 'a later change is none of its own');
  });
});
