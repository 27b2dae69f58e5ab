import assert from 'node:assert/strict';

import type { BuildRecord } from '../../../../schemas/records/image.ts';
import {
  judgeWait,
  type WaitVerdict,
  type WaitView,
} from '../../../../shared/cli/build-log/judge-wait.ts';

const LOGIN = { username: null, python_path: null, shell_type: null };

describe('whoever waits for a build that was asked for', () => {
  const build = (id: string, state: BuildRecord['state'], builder = 'h1') => ({
    ...{ build: id, record: { state, state_time: 1, builder, ...LOGIN } },
  });
  const judge = (view: Partial<WaitView>): WaitVerdict =>
    judgeWait({
      ...{ before: new Set(['old']), own: undefined, builds: [], isRequested: true },
      ...{ isPaused: false, isUnheld: false, hasBuilders: true },
      ...view,
    });
  const text = (view: Partial<WaitView>): string => {
    const verdict = judge(view);
    assert.ok(verdict.kind === 'waiting');
    return verdict.text;
  };

  it('does not take a build that was there before, running or not', () => {
    assert.match(text({ builds: [build('old', 'ready')] }), /for a builder to begin/);
    assert.match(text({ builds: [build('old', 'building')] }), /^h1 builds it now \(old\); the/);
  });

  it('hears what is in the way', () => {
    assert.match(text({ isPaused: true, builds: [build('old', 'building')] }), /^it is paused/);
    assert.match(text({ hasBuilders: false }), /no builder is registered/);
  });

  it('asks again when an earlier build has taken the request away', () => {
    assert.deepEqual(judge({ isRequested: false, builds: [build('old', 'ready')] }), {
      kind: 'ask-again',
    });
  });

  it('takes the first new build, and stays with it', () => {
    const builds = [build('old', 'ready'), build('new', 'building', 'h2')];
    assert.deepEqual(judge({ builds }), { kind: 'building', build: 'new', builder: 'h2' });
    const more = [build('newer', 'building'), ...builds];
    assert.deepEqual(judge({ builds: more, own: 'new' }), {
      ...{ kind: 'building', build: 'new', builder: 'h2' },
    });
    assert.equal(judge({ builds, isRequested: false }).kind, 'building', 'it took the request');
  });

  it('hears how it has ended', () => {
    for (const state of ['ready', 'failed'] as const)
      assert.deepEqual(judge({ own: 'new', builds: [build('new', state)] }), {
        ...{ kind: state, build: 'new' },
      });
    const lost = { kind: 'lost', build: 'new' };
    assert.deepEqual(judge({ own: 'new', builds: [build('new', 'deleting')] }), lost);
    assert.deepEqual(judge({ own: 'new', builds: [] }), lost);
    const builds = [build('new', 'building')];
    assert.deepEqual(judge({ own: 'new', builds, isUnheld: true }), lost);
  });
});
