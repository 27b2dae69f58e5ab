import assert from 'node:assert/strict';

import {
  judgeCertificate,
  judgeOwnFiles,
  judgeServerTrust,
} from '../../../../shared/cli/doctor/judge/certificates.ts';
import { clockByDate, judgeClock } from '../../../../shared/cli/doctor/judge/clock.ts';
import { judgeServers, type ServerFacts } from '../../../../shared/cli/doctor/judge/servers.ts';
import { parseSrvr } from '../../../../shared/cli/doctor/zookeeper/srvr.ts';
import { codes } from './world.ts';

const NOW = 1_800_000_000;
const DAY = 86_400;

describe('a certificate', () => {
  for (const [what, from, to, expected] of [
    ['is well for more than a month', -10, 31, []],
    ['is worth a word in its last month', -10, 29, ['warning certificate-expires']],
    ['is a problem in its last week', -10, 6, ['problem certificate-expires']],
    ['has expired', -10, -1, ['problem certificate-expired']],
    ['has expired in this second', -10, 0, ['problem certificate-expired']],
    ['is not valid yet', 1, 100, ['problem certificate-not-yet-valid']],
  ] as const) {
    it(what, () => {
      const facts = { notBefore: NOW + from * DAY, notAfter: NOW + to * DAY };
      const found = judgeCertificate({ object: 'f', role: 'client certificate', ...facts }, NOW);
      assert.deepEqual(codes(found), expected);
    });
  }

  it('is told with its date', () => {
    const facts = { notBefore: 0, notAfter: NOW + 3 * DAY };
    const [found] = judgeCertificate(
      { object: 'zk:2281', role: 'server certificate', ...facts },
      NOW,
    );
    assert.equal(found?.seen, 'the server certificate expires on 2027-01-18, in 3 days');
    assert.equal(found.object, 'zk:2281');
  });
});

describe('our own files', () => {
  const well = {
    ...{ cert: 'cert', key: 'key', ca: 'ca', unreadable: [], isKeyOpen: false },
    ...{ keyMatches: true, isSigned: true },
  };
  for (const [what, fields, expected] of [
    ['are well', {}, []],
    ['may be of different pairs', { keyMatches: false }, ['problem key-does-not-match']],
    ['may be of another authority', { isSigned: false }, ['warning certificate-not-signed']],
    ['may be open to everybody', { isKeyOpen: true }, ['warning key-open']],
    [
      'may not be readable, and then nothing more is said',
      { unreadable: [{ file: 'cert', reason: 'x' }], keyMatches: undefined, isSigned: undefined },
      ['problem certificate-unreadable'],
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(codes(judgeOwnFiles({ ...well, ...fields })), expected);
    });
  }
});

describe('what a server shows', () => {
  const trust = (refusal?: string, nameProblem?: string): string[] =>
    codes(judgeServerTrust({ object: 'zk', refusal, nameProblem }));

  it('is trusted, or not, with dates left to others', () => {
    assert.deepEqual(trust(), []);
    assert.deepEqual(trust('SELF_SIGNED_CERT_IN_CHAIN'), ['problem server-not-trusted']);
    assert.deepEqual(trust('CERT_HAS_EXPIRED'), []);
    assert.deepEqual(trust('CERT_NOT_YET_VALID'), []);
    assert.deepEqual(trust(undefined, 'not its name'), ['problem server-name']);
  });
});

describe('clocks', () => {
  for (const [skewMs, uncertaintyMs, expected] of [
    [0, 0, []],
    [1900, 0, []],
    [-2500, 0, ['warning clock-skew']],
    [2500, 1000, []],
    [40_000, 500, ['problem clock-skew']],
    [-40_000, 500, ['problem clock-skew']],
    [30_100, 500, ['warning clock-skew']],
  ] as const) {
    it(`${skewMs} ms apart, give or take ${uncertaintyMs}, are ${expected.join() || 'well'}`, () => {
      assert.deepEqual(codes(judgeClock({ whose: 'ZooKeeper', skewMs, uncertaintyMs })), expected);
    });
  }

  it('are compared by the date of an answer, which may be a second off', () => {
    const times = { askedMs: 10_000, answeredMs: 10_400 };
    const facts = clockByDate('launcher a', 13_000, times);
    assert.deepEqual(facts, { whose: 'launcher a', skewMs: 3300, uncertaintyMs: 700 });
    assert.deepEqual(codes(judgeClock(facts)), ['warning clock-skew']);
    assert.deepEqual(judgeClock(clockByDate('launcher a', 12_000, times)), []);
    assert.deepEqual(judgeClock(clockByDate('launcher a', 10_000, times)), []);
  });

  it('say who is ahead', () => {
    const [found] = judgeClock({ whose: 'ZooKeeper', skewMs: -4000, uncertaintyMs: 1 });
    assert.equal(found?.seen, 'its clock is 4.0 s behind that of this machine');
  });
});

describe('ZooKeeper servers', () => {
  const server = (
    name: string,
    fields: Partial<ServerFacts> = {},
    mode = 'follower',
  ): ServerFacts => ({
    ...{
      server: name,
      problem: undefined,
      sessionProblem: undefined,
      latencyMs: 2,
      seesProbe: true,
    },
    status: { version: '3.9.5', mode, zxid: 1n },
    ...fields,
  });
  const [a, b, c] = [server('a', {}, 'leader'), server('b'), server('c')];

  it('are well', () => {
    assert.deepEqual(judgeServers([a, b, c]), []);
    assert.deepEqual(judgeServers([server('a', {}, 'standalone')]), []);
    assert.deepEqual(judgeServers([server('a', { status: undefined, seesProbe: undefined })]), []);
  });

  const old = { version: '3.5.10', mode: 'standalone', zxid: undefined };
  for (const [what, all, expected] of [
    [
      'that do not answer',
      [a, b, server('c', { problem: 'refused' })],
      ['problem server-unreachable'],
    ],
    [
      'that give no session',
      [server('a', { sessionProblem: 'no' })],
      ['problem server-no-session'],
    ],
    [
      'cut off',
      [a, b, server('c', { sessionProblem: 'no' }, 'read-only')],
      ['problem server-read-only'],
    ],
    [
      'without a leader',
      [server('a', { sessionProblem: 'no' }, 'not serving')],
      ['problem server-not-serving'],
    ],
    ['that are too old', [server('a', { status: old })], ['problem server-old']],
    ['that are slow', [server('a', { latencyMs: 150 })], ['warning server-slow']],
    ['that are very slow', [server('a', { latencyMs: 1500 })], ['problem server-slow']],
    ['that are two leaders', [a, server('b', {}, 'leader'), c], ['problem ensemble-split']],
    [
      'that stand alone side by side',
      [server('a', {}, 'standalone'), server('b', { seesProbe: false }, 'standalone')],
      ['problem ensemble-split'],
    ],
    [
      'that know other things',
      [a, b, server('c', { seesProbe: false })],
      ['problem ensemble-split'],
    ],
    ['that are an even number', [a, b], ['note ensemble-even']],
    [
      'of which most are away',
      [a, server('b', { problem: 'x' }), server('c', { problem: 'x' })],
      ['problem server-unreachable', 'problem ensemble-no-quorum'],
    ],
    [
      'of several versions',
      [a, b, server('c', { status: { ...old, version: '3.8.0', mode: 'follower' } })],
      ['warning ensemble-versions'],
    ],
  ] as const) {
    it(`${what} are told of`, () => {
      assert.deepEqual(codes(judgeServers(all)), expected);
    });
  }

  it('that are split are named', () => {
    const [found] = judgeServers([a, server('b', {}, 'leader'), c]);
    assert.equal(found?.object, 'a, b');
    const alone = (name: string): ServerFacts => server(name, {}, 'standalone');
    assert.equal(judgeServers([alone('x'), alone('y')])[0]?.object, 'x, y');
    const [odd] = judgeServers([a, b, server('c', { seesProbe: false })]);
    assert.equal(odd?.object, 'c');
  });

  it('that have not caught up are told of', () => {
    const at = (name: string, zxid: bigint, mode?: string): ServerFacts =>
      server(name, { status: { version: '3.9.5', mode: mode ?? 'follower', zxid } });
    const leader = at('a', 0x5_0000_9000n, 'leader');
    assert.deepEqual(judgeServers([leader, at('b', 0x5_0000_8000n), at('c', 0x5_0000_9001n)]), []);
    const found = judgeServers([leader, at('b', 0x5_0000_9000n), at('c', 0x5_0000_0001n)]);
    assert.deepEqual(
      found.map(({ object, seen }) => `${object} ${seen}`),
      ['c it is 36863 transactions behind another server'],
    );
    // After an election, before the first transaction.
    const early = [leader, at('b', 0x5_0000_9000n), at('c', 0x4_ffff_ffffn)];
    assert.deepEqual(judgeServers(early), []);
  });

  it('tell their state by srvr', () => {
    const text = [
      'Zookeeper version: 3.9.5-6f55cd2, built on 2026-01-02 10:00 UTC',
      'Latency min/avg/max: 0/0.5/12',
      'Zxid: 0x100000a2f',
      'Mode: leader',
      '',
    ].join('\n');
    assert.deepEqual(parseSrvr(text), { version: '3.9.5', mode: 'leader', zxid: 0x100000a2fn });
    assert.deepEqual(parseSrvr('This ZooKeeper instance is not currently serving requests\n'), {
      ...{ version: '', mode: 'not serving', zxid: undefined },
    });
    assert.equal(
      parseSrvr('srvr is not executed because it is not in the whitelist.\n'),
      undefined,
    );
    assert.equal(parseSrvr(''), undefined);
  });
});
