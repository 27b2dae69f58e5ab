import assert from 'node:assert/strict';

import type { LauncherAnswer } from '../../../../shared/cli/explain/ask.ts';
import type { Facts } from '../../../../shared/cli/explain/facts.ts';
import {
  answered,
  component,
  cores,
  explained,
  facts,
  node,
  NOW,
  pool,
  reason,
  serving,
  silent,
} from './world.ts';

interface Case {
  readonly when: string;
  readonly facts?: Facts;
  readonly answers?: readonly LauncherAnswer[];
  readonly code: string;
  readonly text: string;
}

const quota = reason('quota-here-not-elsewhere', 'no quota left', [cores]);
const python = component({ id: 'py', hostname: 'py-host', provider_name: 'py' });
const pending = { record: { state: 'pending' as const } };
const inServing = (...args: Parameters<typeof serving>): LauncherAnswer[] => [
  answered({ serving: serving(...args) }),
];

const waiting: readonly Case[] = [
  {
    when: 'the pool has no quota left and another may have some',
    answers: [answered({ pools: [pool({ reasons: [quota] })] })],
    code: 'quota',
    text: 'waits for quota in cloud-main: 3 of 4 cores missing (limit of the pool)',
  },
  {
    when: 'more is used than is allowed',
    answers: [
      answered({
        pools: [
          pool({
            reasons: [
              reason('quota-here-not-elsewhere', '', [
                { of: 'cloud', resource: 'ram', need: 8192, left: -1024 },
              ]),
            ],
          }),
        ],
      }),
    ],
    code: 'quota',
    text: 'waits for quota in cloud-main: 8192 MiB of RAM missing, 1024 over the limit already (quota of the cloud)',
  },
  {
    when: 'the only pool for it is drained',
    answers: [
      answered({ pools: [pool({ reasons: [reason('draining', 'provider cloud is drained')] })] }),
    ],
    code: 'draining',
    text: 'waits for cloud-main: provider cloud is drained; nodepool drain --list shows by whom',
  },
  {
    when: 'its tenant has used up what it may',
    answers: [
      answered({
        pools: [
          pool({
            reasons: [
              reason('tenant-quota', '', [{ ...cores, of: 'tenant' }]),
              reason('tenant-quota', '', [
                { of: 'tenant', resource: 'instances', need: 1, left: 0 },
              ]),
            ],
          }),
        ],
      }),
    ],
    code: 'tenant-quota',
    text: 'waits for quota of tenant acme: 3 of 4 cores missing (limit of the tenant), 1 of 1 instances missing (limit of the tenant)',
  },
  {
    when: 'another request has the pool waiting',
    answers: [
      answered({
        pools: [
          pool({
            reasons: [reason('pool-waits-for-quota', '')],
            before: { count: 1, requests: ['100-0000000003'] },
          }),
        ],
      }),
    ],
    code: 'pool-waits-for-quota',
    text: 'waits behind 100-0000000003, for which cloud-main waits for quota',
  },
  {
    when: 'as many launches run as may',
    answers: [
      answered({
        pools: [
          pool({
            reasons: [reason('max-concurrency', '10 launches under way, max-concurrency is 10')],
          }),
        ],
      }),
    ],
    code: 'max-concurrency',
    text: 'waits for launches to end in cloud-main: 10 launches under way, max-concurrency is 10',
  },
  {
    when: 'one pool yields to a better one, which has no quota',
    facts: facts({ pools: [component(), component({ id: 'better', provider_name: 'better' })] }),
    answers: [
      answered({
        pools: [
          pool({ reasons: [reason('better-pool', 'a pool of provider better has priority 1')] }),
          pool({ id: 'better', provider: 'better', reasons: [quota] }),
        ],
      }),
    ],
    code: 'quota',
    text: 'waits for quota in better-main: 3 of 4 cores missing (limit of the pool)',
  },
  {
    when: 'one pool declines and another defers',
    facts: facts({ pools: [component(), component({ id: 'b', provider_name: 'b' })] }),
    answers: [
      answered({
        pools: [
          pool({
            answer: 'decline',
            reasons: [reason('image-missing', 'label small has no image')],
          }),
          pool({ id: 'b', provider: 'b', reasons: [reason('no-free-host', 'not enough hosts')] }),
        ],
      }),
    ],
    code: 'no-free-host',
    text: 'waits for a free host in b-main: not enough hosts',
  },
  {
    when: 'a pool would take it at once',
    answers: [answered({ pools: [pool({ answer: 'accept', since: null })] })],
    code: 'next',
    text: 'is next: cloud-main takes it at its next turn',
  },
  {
    when: 'somebody is just taking it',
    facts: facts({ isLocked: true }),
    answers: [answered({ pools: [pool({ answer: 'accept', since: null })] })],
    code: 'next',
    text: 'is just being taken: its lock is held',
  },
  {
    when: 'only a launcher that cannot be asked has its labels, and is paused',
    facts: facts({ pools: [{ ...python, paused: true }] }),
    answers: [silent('py-host')],
    code: 'unknown',
    text: 'is left to py-main, whose launcher py-host cannot be asked; it waits for quota, says ZooKeeper',
  },
  {
    when: 'no pool online has its labels',
    facts: facts({ pools: [component({ supported_labels: ['large'] })] }),
    code: 'nobody',
    text: 'waits for nobody: no pool online has its labels (small)',
  },
  {
    when: 'nobody is online',
    facts: facts({ pools: [] }),
    code: 'no-pool',
    text: 'waits: no launcher has a pool online',
  },
  {
    when: 'every pool has declined and its failure is not written yet',
    facts: facts({ record: { declined_by: ['own'] } }),
    code: 'declined',
    text: 'has been declined by every pool online that has its labels',
  },
  {
    when: 'the provider that would serve it cannot start',
    facts: facts({ pools: [] }),
    answers: [
      answered({
        absent: [{ provider: 'cloud', reason: 'wrong password', again_at: NOW + 42 }],
      }),
    ],
    code: 'provider-absent',
    text: 'waits for provider cloud, which does not run: wrong password; tried again in 42 s',
  },
];

const served: readonly Case[] = [
  {
    when: 'a node waits for room behind others',
    facts: facts(pending),
    answers: inServing([{ phase: 'ready' }, { phase: 'waiting-for-room', missing: [cores] }], {
      before: { count: 1, requests: ['100-0000000003'] },
    }),
    code: 'quota',
    text: 'waits for quota in cloud-main behind 100-0000000003: 3 of 4 cores missing (limit of the pool); 1 of 2 nodes ready',
  },
  {
    when: 'a node is being launched',
    facts: facts(pending),
    answers: inServing([{ phase: 'scanning-host-keys', attempt: 2, node: '0000000031' }]),
    code: 'launching',
    text: 'is being served by cloud-main: 0 of 1 node ready; small (node 0000000031): scanning host keys for 1 min 1 s, attempt 2 of 3',
  },
  {
    when: 'a launcher that cannot be asked has it',
    facts: facts({
      ...pending,
      isLocked: true,
      nodes: [node('0000000007', { provider: 'py', state: 'ready' })],
    }),
    answers: [silent('py-host')],
    code: 'served-elsewhere',
    text: 'is being served by py-main, whose launcher cannot be asked: 1 of 1 node ready',
  },
  {
    when: 'somebody has locked it and has made no node yet',
    facts: facts({ ...pending, isLocked: true }),
    code: 'served-elsewhere',
    text: 'is being served by a launcher that cannot be asked; it has no node yet',
  },
  {
    when: 'nobody holds its lock',
    facts: facts(pending),
    code: 'abandoned',
    text: 'is pending, but nobody serves it: its launcher is gone, and any launcher takes it up',
  },
];

const ended: readonly Case[] = [
  {
    when: 'it is fulfilled',
    facts: facts({ record: { state: 'fulfilled' }, nodes: [node('0000000007')] }),
    code: 'fulfilled',
    text: 'is fulfilled: 1 node ready for whoever asked',
  },
  {
    when: 'it has failed for a reason',
    facts: facts({ record: { state: 'failed', declined_by: ['own'] } }),
    answers: [
      answered({
        pools: [
          pool({ answer: 'decline', reasons: [reason('launch-failed', 'no such flavor')] }),
          pool({ id: 'b', provider: 'b', reasons: [reason('label-missing', 'no label small')] }),
        ],
      }),
    ],
    code: 'failed',
    text: 'has failed: cloud-main: no such flavor',
  },
  {
    when: 'it has failed and nobody says why',
    facts: facts({ record: { state: 'failed' }, pools: [] }),
    code: 'failed',
    text: 'has failed: no pool online could serve it',
  },
];

describe('the verdict on a request', () => {
  for (const [what, cases] of Object.entries({ waiting, served, ended })) {
    describe(`that is ${what}`, () => {
      for (const { when, facts: known, answers, code, text } of cases) {
        it(`says ${code} when ${when}`, () => {
          assert.deepEqual(explained(known, answers).verdict, { code, text });
        });
      }
    });
  }
});
