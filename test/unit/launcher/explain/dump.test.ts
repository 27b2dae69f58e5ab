import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { Answers } from '../../../../launcher/assignment/answers.ts';
import { dump } from '../../../../launcher/explain/dump.ts';
import type { ExplainParts } from '../../../../launcher/explain/parts.ts';
import type { Pool } from '../../../../launcher/pools/pool.ts';
import { Progress } from '../../../../launcher/requests/progress.ts';
import { lineOf } from '../../../../shared/telemetry/line.ts';
import { WaitingRequests } from '../../../../shared/store/waiting.ts';
import { request, stored } from '../../../support/launcher-world.ts';

const clock = new ManualClock();

const DRAIN = { since: 1_800_000_000, by: 'root@desk', comment: 'password=hunter2' };

function pool(name: string, index: number): Pool {
  const fake = {
    ...{ key: `cloud-${name}`, name, isWaiting: index === 7 },
    provider: {
      name: 'cloud',
      ledger: { launching: 2 },
      config: { maxConcurrency: 10, launchRetries: 3 },
      label: () => ({ need: { instances: 1 } }),
    },
    capacity: {
      now: {
        ...{ poolLimits: { instances: 5, cores: Infinity }, poolUsed: { instances: 3, cores: 12 } },
        ...{ providerLimits: {}, providerUsed: { instances: 30 } },
      },
      reserved: { instances: 1 },
      gaps: () => ({ cloud: [], pool: [{ name: 'instances', need: 1, left: 0 }] }),
    },
  };
  return fake as unknown as Pool;
}

/** A launcher with so many of everything. */
function world(count: number, prefix = 'main'): ExplainParts {
  const answers = new Answers(() => clock.now());
  const waiting = new WaitingRequests();
  const pools = Array.from({ length: count }, (_, index) => pool(`${prefix}${index}`, index));
  const requests = pools.map((one, index) => {
    const id = `100-${String(index).padStart(10, '0')}`;
    const each = stored(id, request());
    waiting.replace(undefined, each);
    const reasons = [{ code: 'max-concurrency', text: 'x'.repeat(1000) }] as const;
    answers.note(each, [{ pool: one, decision: { kind: 'defer', reasons } }]);
    return each;
  });
  const served = requests.map((each, index) => {
    const progress = new Progress(['small', 'small'], clock);
    progress.nodes[0]?.enter('waiting-for-room');
    return { request: each, pool: pools[index], progress };
  });
  const size = { size: count };
  const parts = {
    hostname: 'host-a',
    store: {
      ...{ isCurrent: true, client: { session: { id: 255n }, state: 'connected' } },
      ...{ requests: { waiting, cache: size }, nodes: { cache: size } },
      ...{ components: { cache: size }, images: { uploads: size } },
      drains: { all: () => pools.map(({ name }) => ({ kind: 'provider', name, record: DRAIN })) },
    },
    pools: { all: () => pools },
    serving: { all: () => served, size: count, mayStart: true },
    deleter: {
      running: () => pools.map(({ name }) => ({ node: name, sinceMs: clock.now() })),
      paused: () =>
        pools.map(({ name }) => ({ node: name, failures: 3, untilMs: clock.now() + 5000 })),
    },
    providers: {
      absent: () =>
        pools.map(({ name }) => ({
          ...{ config: { name }, problem: 'y'.repeat(1000), againAtMs: clock.now() + 8000 },
        })),
    },
    answers,
  };
  return parts as unknown as ExplainParts;
}

describe('the dump of a launcher', () => {
  it('says in words what each list is about', () => {
    const said = dump(world(1), clock.now(), 0);
    assert.deepEqual(
      { ...said, absent_providers: said.absent_providers?.toString().slice(-14) },
      {
        session: 'ff',
        zookeeper: 'connected',
        caches_current: true,
        caches: { requests: 1, nodes: 1, components: 1, uploads: 1 },
        requests_waiting: 1,
        requests_served_here: 1,
        pools: [
          'cloud-main0: instances 3/5 cores 12; cloud instances 30; reserved instances 1; launching 2/10',
        ],
        waiting_for: ['1 in cloud-main0: max-concurrency'],
        serving: [
          '100-0000000000 in cloud-main0 for 0 s: small waiting-for-room for 0 s (left/needed: pool instances 0/1), small beginning for 0 s',
        ],
        deletions: ['main0 for 0 s'],
        deletions_paused: ['main0 failed 3 times, again in 5 s'],
        drained: [
          'provider main0 is drained since 2027-01-15T08:00:00Z by root@desk: password=redacted',
        ],
        absent_providers: `${'y'.repeat(11)}...`,
        background_tasks: 0,
      },
    );
  });

  it('is one line of the log however much goes on', () => {
    const said = dump(world(2000, 'long-name-'.repeat(30)), clock.now(), 5);
    for (const format of ['json', 'text'] as const) {
      const line = lineOf(format, {
        ...{ timeMs: 0, level: 'info', name: 'nodepool', message: 'what is going on' },
        ...{ fields: { dump: said }, withStack: false },
      });
      assert.ok(line.length < 65_536, `${line.length} characters`);
      assert.ok(line.includes('background_tasks'), 'cut before its end');
      assert.ok(line.includes('and 1950 more'));
    }
  });

  it('names those pools first that wait for room', () => {
    const { pools } = dump(world(100), clock.now(), 0);
    assert.match((pools as string[])[0] ?? '', /^cloud-main7: .*; waits for quota$/);
  });
});
