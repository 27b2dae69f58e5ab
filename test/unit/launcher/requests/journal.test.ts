import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { Journal } from '../../../../launcher/requests/journal.ts';
import type { Served } from '../../../../launcher/requests/job.ts';
import { Progress } from '../../../../launcher/requests/progress.ts';
import { silentLogger } from '../../../../shared/base/log.ts';

describe('Progress', () => {
  it('keeps the phases of a node with when they began, and tells which one was left', async () => {
    const clock = new ManualClock(1_000_000);
    const left: string[] = [];
    const progress = new Progress(['small'], clock, (node, step) => {
      left.push(`${step.phase} ${step.since} -> ${node.phase} ${node.since}`);
    });
    const [node] = progress.nodes;
    assert.ok(node);
    await clock.advance(2000);
    node.attempt = 1;
    node.enter('creating');
    await clock.advance(3000);
    node.enter('ready');
    assert.deepEqual(node.steps, [
      { phase: 'beginning', since: 1000, attempt: undefined },
      { phase: 'creating', since: 1002, attempt: 1 },
      { phase: 'ready', since: 1005, attempt: 1 },
    ]);
    assert.deepEqual(left, ['beginning 1000 -> creating 1002', 'creating 1002 -> ready 1005']);
  });

  it('keeps with each phase what failed in it', () => {
    const [node] = new Progress(['small'], new ManualClock()).nodes;
    assert.ok(node);
    node.enter('creating');
    node.problem = 'no host';
    node.enter('cleaning-up');
    node.enter('creating');
    // The same again is another failure.
    node.problem = 'no host';
    node.enter('given-up');
    assert.deepEqual(
      node.steps.map(({ phase, problem }) => `${phase}: ${problem ?? '-'}`),
      ['beginning: -', 'creating: no host', 'cleaning-up: -', 'creating: no host', 'given-up: -'],
    );
    assert.equal(node.problem, 'no host');
  });

  it('keeps the newest phases of a node that is tried for ever', () => {
    const clock = new ManualClock();
    const [node] = new Progress(['small'], clock).nodes;
    assert.ok(node);
    for (let attempt = 1; attempt <= 1000; attempt++) {
      node.attempt = attempt;
      node.enter('creating');
    }
    assert.equal(node.steps.length, 64);
    assert.equal(node.steps.at(-1)?.attempt, 1000);
    assert.equal(node.steps[0]?.attempt, 937);
  });
});

describe('Journal', () => {
  it('tells all watchers, also after one that throws, until they have enough', () => {
    const journal = new Journal(silentLogger);
    const served = {} as Served;
    const told: string[] = [];
    journal.watch({
      begun: () => {
        throw new Error('watcher broke');
      },
    });
    const end = journal.watch({
      begun: () => told.push('begun'),
      ended: (_served, result) => told.push(result),
    });
    journal.begun(served);
    journal.ended(served, 'fulfilled');
    end();
    journal.begun(served);
    assert.deepEqual(told, ['begun', 'fulfilled']);
  });
});
