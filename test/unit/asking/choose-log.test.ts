import assert from 'node:assert/strict';

import type { BuildRecord } from '../../../schemas/records/image.ts';
import type { Asked } from '../../../shared/asking/builders.ts';
import {
  chooseLog,
  type KnownBuild,
  type LogFacts,
  type LogsAnswer,
} from '../../../shared/asking/choose-log.ts';

describe('the log to show', () => {
  const build = (
    id: string,
    state: BuildRecord['state'],
    state_time: number,
    builder = 'h1',
  ): KnownBuild => ({
    build: id,
    record: { state, state_time, builder, username: null, python_path: null, shell_type: null },
  });
  const answer = (builder: string, ...logs: [string, number][]): Asked<LogsAnswer> => ({
    url: `http://${builder}`,
    answer: { builder, logs: logs.map(([id, changed]) => ({ build: id, bytes: 1, changed })) },
    problem: undefined,
  });
  const silent = (url: string): Asked<LogsAnswer> => ({
    ...{ url, answer: undefined, problem: 'refused' },
  });
  const choose = (facts: Partial<LogFacts>) =>
    chooseLog({ wanted: undefined, builds: [], answers: [], local: [], ...facts });
  const local = (id: string, changed: number) => ({
    ...{ build: id, sizeBytes: 1, changedMs: changed * 1000 },
  });

  it('is that of the build that runs, though its log is yet to come', () => {
    const builds = [build('old', 'ready', 9), build('runs', 'building', 5, 'h2')];
    const answers = [silent('http://h0'), answer('h1', ['old', 9]), answer('h2')];
    assert.deepEqual(choose({ builds, answers }), {
      ...{ kind: 'builder', build: 'runs', url: 'http://h2' },
    });
  });

  it('is the newest of all builders and this machine, its record gone or not', () => {
    const builds = [build('old', 'ready', 5)];
    const answers = [answer('h1', ['old', 5]), answer('h2', ['older', 4], ['failed', 7])];
    assert.deepEqual(choose({ builds, answers, local: [local('local', 6)] }), {
      ...{ kind: 'builder', build: 'failed', url: 'http://h2' },
    });
    assert.deepEqual(choose({ builds, answers, local: [local('local', 8)] }), {
      ...{ kind: 'file', build: 'local' },
    });
  });

  it('is none older than a build whose log cannot be had', () => {
    const builds = [build('new', 'ready', 9, 'h3'), build('old', 'ready', 5)];
    const answers = [answer('h1', ['old', 5]), silent('http://h3')];
    assert.deepEqual(choose({ builds, answers }), {
      ...{ kind: 'out-of-reach', build: 'new', builder: 'h3' },
    });
  });

  it('is not that of an old build which is just being deleted', () => {
    const builds = [build('new', 'ready', 9), build('old', 'deleting', 20)];
    const answers = [answer('h1', ['new', 9], ['old', 5])];
    assert.equal(choose({ builds, answers }).kind, 'builder');
    assert.deepEqual(choose({ builds, answers }), {
      ...{ kind: 'builder', build: 'new', url: 'http://h1' },
    });
  });

  it('is that of a certain build, if somebody has it', () => {
    const builds = [build('old', 'ready', 5), build('runs', 'building', 9)];
    const answers = [answer('h1', ['old', 5], ['runs', 9])];
    assert.deepEqual(choose({ wanted: 'old', builds, answers }), {
      ...{ kind: 'builder', build: 'old', url: 'http://h1' },
    });
    assert.deepEqual(choose({ wanted: 'other', builds, answers }), {
      ...{ kind: 'out-of-reach', build: 'other', builder: undefined },
    });
    assert.deepEqual(choose({ wanted: 'old', builds, local: [local('old', 5)] }), {
      ...{ kind: 'file', build: 'old' },
    });
  });

  it('is nothing where there is neither build nor log', () => {
    assert.deepEqual(choose({ answers: [silent('http://h0'), answer('h1')] }), { kind: 'nothing' });
  });
});
