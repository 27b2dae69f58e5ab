import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Served } from '../../../../launcher/requests/job.ts';
import { Journal } from '../../../../launcher/requests/journal.ts';
import { Progress } from '../../../../launcher/requests/progress.ts';
import { Launches } from '../../../../launcher/status/launches.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { request, stored } from '../../../support/launcher-world.ts';

describe('Launches', () => {
  let clock: ManualClock;
  let journal: Journal;
  let launches: Launches;

  beforeEach(() => {
    clock = new ManualClock(1_000_000);
    journal = new Journal(silentLogger);
    launches = new Launches(journal, clock);
  });

  function begin(id: string, labels: readonly string[] = ['small']): Served {
    const provider = { name: 'cloud', config: { launchRetries: 3 } };
    const pool = { name: 'main', provider } as unknown as Served['pool'];
    const record = request({ node_types: [...labels], event_id: 'event' });
    const served = { request: stored(id, record), pool, progress: new Progress(labels, clock) };
    journal.begun(served);
    return served;
  }

  const keys = (): string[] => launches.all().map(({ key }) => key);

  it('tells a node that runs, with when each phase began', async () => {
    const [node] = begin('1').progress.nodes;
    assert.ok(node);
    await clock.advance(2000);
    node.node = '0000000007';
    node.attempt = 2;
    node.problem = 'no answer, password=hunter2';
    node.enter('creating');
    assert.deepEqual(launches.all(), [
      {
        ...{ key: '1/1/0', request: '1', event_id: 'event', provider: 'cloud', pool: 'main' },
        ...{ label: 'small', node: '0000000007', attempt: 2, attempts: 3, ended: null },
        problem: 'no answer, password=redacted',
        steps: [
          { phase: 'beginning', since: 1000, attempt: null },
          { phase: 'creating', since: 1002, attempt: 2 },
        ],
      },
    ]);
  });

  it('keeps what has ended, with when: at its last phase, or with its request', async () => {
    const served = begin('1', ['small', 'small']);
    await clock.advance(1000);
    served.progress.nodes[0]?.enter('ready');
    await clock.advance(1000);
    assert.deepEqual(
      launches.all().map(({ ended }) => ended),
      [1001, null],
    );
    journal.ended(served, 'lost');
    // What would still be written into it is not told any more.
    served.progress.nodes[1]?.enter('creating');
    const ended = launches.all();
    assert.deepEqual(
      ended.map(({ key, ended: at, steps }) => [key, at, steps.at(-1)?.phase]),
      [
        ['1/1/1', 1002, 'beginning'],
        ['1/1/0', 1001, 'ready'],
      ],
    );
  });

  it('tells those under way first, then those that ended last', () => {
    const [first, second] = [begin('1'), begin('2')];
    begin('3');
    journal.ended(first, 'fulfilled');
    journal.ended(second, 'fulfilled');
    assert.deepEqual(keys(), ['3/3/0', '2/2/0', '1/1/0']);
  });

  it('gives a request that is served once more another key', () => {
    journal.ended(begin('1'), 'handed-back');
    begin('1');
    assert.deepEqual(keys(), ['1/2/0', '1/1/0']);
  });

  it('keeps no more than 500, running and ended', () => {
    const labels = Array.from({ length: 7 }, () => 'small');
    for (let id = 0; id < 100; id++) journal.ended(begin(`ended-${id}`, labels), 'fulfilled');
    assert.equal(keys().length, 500);
    assert.equal(keys()[0], 'ended-99/100/6');
    for (let id = 0; id < 100; id++) begin(`running-${id}`, labels);
    assert.equal(keys().length, 500);
    assert.equal(keys()[0], 'running-0/101/0');
    assert.equal(new Set(keys()).size, 500);
  });
});
