import assert from 'node:assert/strict';

import { newRequest, MIN_READY_REQUESTOR } from '../../../../schemas/records/request.ts';
import { judgeLabels } from '../../../../shared/cli/doctor/judge/labels.ts';
import { judgeNodeLock, judgeRequestLocks } from '../../../../shared/cli/doctor/judge/locks.ts';
import { judgeMembers } from '../../../../shared/cli/doctor/judge/members.ts';
import { judgeNodes } from '../../../../shared/cli/doctor/judge/nodes.ts';
import { judgeSlow, slowRequests } from '../../../../shared/cli/doctor/judge/requests.ts';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import { config, fake, labels, node, NOW } from '../plan/world.ts';
import { codes, member, pool } from './world.ts';

const plain = config({
  ...labels('small', 'big'),
  providers: [fake('cloud', { main: ['small'] })],
});
const withImage = config({ diskimages: [{ name: 'trixie' }] });
const [launcher, builder] = [member('launcher'), member('builder')];
const cloud = pool('cloud', ['small']);
const drained = { ...cloud, record: { ...cloud.record, state: 'draining' } };

describe('who is registered', () => {
  for (const [what, members, expected] of [
    ['is well', [launcher, cloud], []],
    ['may be no launcher', [], ['problem no-launcher']],
    ['may have no pool', [launcher], ['warning launcher-without-pool', 'problem provider-not-run']],
    ['may not run a provider', [launcher, pool('other', ['small'])], ['problem provider-not-run']],
    [
      'may be of several versions',
      [launcher, cloud, member('launcher', { version: '2.0.0' })],
      ['warning versions-mixed'],
    ],
    [
      'may be Python’s beside ours',
      [launcher, cloud, member('launcher', { version: '11.0.0' }, { isPython: true })],
      ['note python-beside-ours'],
    ],
    ['may be drained', [launcher, drained], ['note draining']],
    [
      'may be Python’s alone',
      [member('launcher', { version: '11.0.0' }, { isPython: true }), cloud],
      [],
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(codes(judgeMembers(members, plain)), expected);
    });
  }

  it('needs a builder only where there are images', () => {
    assert.deepEqual(codes(judgeMembers([launcher, cloud], withImage)), ['problem no-builder']);
    assert.deepEqual(codes(judgeMembers([launcher, cloud, builder], withImage)), []);
  });
});

describe('labels', () => {
  it('are offered by somebody, or told of', () => {
    const used = { ...plain, labels: new Map([...plain.labels].slice(0, 1)) };
    assert.deepEqual(codes(judgeLabels([cloud], used)), []);
    assert.deepEqual(codes(judgeLabels([pool('cloud', [])], used)), ['problem labels-offline']);
    assert.deepEqual(codes(judgeLabels([cloud], plain)), ['warning labels-unused']);
    assert.deepEqual(codes(judgeLabels([pool('python', ['small', 'big'])], plain)), []);
  });

  it('may be offered by drained pools only', () => {
    const used = { ...plain, labels: new Map([...plain.labels].slice(0, 1)) };
    assert.deepEqual(codes(judgeLabels([drained], used)), ['warning labels-drained']);
    assert.deepEqual(codes(judgeLabels([drained, pool('other', ['small'])], used)), []);
  });

  it('are nobody’s where no pool is online, which is told elsewhere', () => {
    assert.deepEqual(codes(judgeLabels([launcher], plain)), ['warning labels-unused']);
  });
});

describe('requests', () => {
  const request = (id: string, ageSeconds: number, fields: Partial<RequestRecord> = {}) => ({
    id,
    record: {
      ...newRequest({ node_types: ['a', 'b'], ...fields }, NOW),
      state_time: NOW - ageSeconds,
    },
  });

  it('may take some time', () => {
    const all = [
      request('1', 599),
      request('2', 3599, { state: 'pending' }),
      request('3', 599, { state: 'fulfilled' }),
      request('4', 1e6, { state: 'failed' }),
      request('5', 1e6, { requestor: MIN_READY_REQUESTOR }),
    ];
    assert.deepEqual(slowRequests(all, NOW), []);
  });

  it('are told by labels, the oldest first, with what is known', () => {
    const all = [
      request('1', 700),
      request('2', 4000, { node_types: ['b', 'a'] }),
      request('3', 5000, { node_types: ['c'], state: 'pending' }),
      request('4', 800, { state: 'fulfilled' }),
    ];
    const slow = slowRequests(all, NOW);
    const findings = slow.map((one) => judgeSlow(one, 'waits for rain'));
    assert.deepEqual(codes(findings), [
      'warning requests-pending',
      'problem requests-waiting',
      'warning requests-not-taken',
    ]);
    assert.equal(findings[1]?.object, '2 requests for a, b: 2, 1');
    assert.equal(findings[1].seen, 'waiting for up to 1 h 6 min; 2 waits for rain');
  });
});

describe('locks of nodes', () => {
  const lock = {
    node: '1',
    state: 'ready',
    ageSeconds: 700,
    session: 5n,
    holder: undefined,
    isLoan: false,
  };
  for (const [what, fields, expected] of [
    ['by nobody who is known are told of', {}, ['warning lock-long']],
    ['may be taken for a moment', { ageSeconds: 500 }, []],
    ['of a launch may last', { state: 'building', ageSeconds: 3500 }, []],
    [
      'of a launch may not last for ever',
      { state: 'building', ageSeconds: 3700 },
      ['warning lock-long'],
    ],
    ['without a session end with none', { session: 0n, ageSeconds: 1 }, ['problem lock-for-ever']],
    ['may be kept on purpose', { session: 0n, isLoan: true }, []],
  ] as const) {
    it(what, () => {
      assert.deepEqual(codes(judgeNodeLock({ ...lock, ...fields })), expected);
    });
  }

  it('name their holder', () => {
    const [known] = judgeNodeLock({ ...lock, holder: 'launcher on host' });
    assert.match(known?.seen ?? '', /by launcher on host$/);
    const [unknown] = judgeNodeLock({ ...lock, session: 0x10abn });
    assert.match(unknown?.seen ?? '', /by session 0x10ab, of nobody who is registered/);
  });
});

describe('locks of requests that are no more', () => {
  it('are told of when they are old, or held', () => {
    const facts = { old: [], held: [], maxAgeSeconds: 60 };
    assert.deepEqual(judgeRequestLocks(facts), []);
    assert.deepEqual(codes(judgeRequestLocks({ ...facts, old: ['1'], held: ['2'] })), [
      'warning request-locks-old',
      'warning request-locks-held',
    ]);
  });
});

describe('nodes', () => {
  const judge = (
    record: Partial<NodeRecord>,
    isLocked = false,
    age = 1000,
    members = [cloud],
  ): string[] => {
    const one = node('1', { state_time: NOW - age, created_time: NOW - age, ...record }, isLocked);
    return codes(judgeNodes({ nodes: [one], members, config: plain, now: NOW }));
  };
  const launchLimit = 3 * (3600 + 60) + 600;

  for (const [what, record, isLocked, age, expected] of [
    ['are well', {}, false, 1e6, []],
    ['in use are', { state: 'in-use' }, true, 1e6, []],
    ['are deleted', { state: 'deleting' }, true, 500, []],
    ['are not deleted', { state: 'deleting' }, true, 700, ['warning nodes-not-deleted']],
    ['are not deleted for long', { state: 'used' }, false, 4000, ['problem nodes-not-deleted']],
    [
      'that a dead launcher made stay',
      { state: 'building' },
      false,
      4000,
      ['problem nodes-not-deleted'],
    ],
    ['are launched', { state: 'building' }, true, launchLimit - 1, []],
    [
      'are launched for ever',
      { state: 'building' },
      true,
      launchLimit + 1,
      ['warning nodes-not-launched'],
    ],
    ['that no pool hands out are useless', { pool: 'gone' }, false, 1, ['warning nodes-useless']],
    [
      'whose label is gone are',
      { type: ['gone'] as string[] },
      false,
      1,
      ['warning nodes-useless'],
    ],
    ['with one label that stays are not', { type: ['gone', 'small'] as string[] }, false, 1, []],
    ['that a request has are not', { pool: 'gone', allocated_to: 'r' }, false, 1, []],
    ['that somebody locks are not', { pool: 'gone' }, true, 1, []],
    ['of nobody are orphans', { provider: 'gone' }, false, 1, ['problem nodes-orphaned']],
    [
      'of nobody are told of once',
      { provider: 'gone', state: 'used' },
      false,
      1e6,
      ['problem nodes-orphaned'],
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(judge(record, isLocked, age), expected);
    });
  }

  it('are all of nobody without a launcher, which is told elsewhere', () => {
    assert.deepEqual(judge({ provider: 'gone' }, false, 1, []), []);
  });
});
