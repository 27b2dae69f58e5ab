import assert from 'node:assert/strict';

import type { PoolDecision } from '../../../../launcher/assignment/answers.ts';
import type { Decision } from '../../../../launcher/assignment/decide.ts';
import { logDecisions } from '../../../../launcher/assignment/log-decisions.ts';
import type { Pool } from '../../../../launcher/pools/pool.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import { request, stored } from '../../../support/launcher-world.ts';

const id = '100-0000000001';

function of(name: string, decision: Decision): PoolDecision {
  const pool: unknown = { key: `cloud-${name}`, name, provider: { name: 'cloud' } };
  return { pool: pool as Pool, decision };
}

const waits: Decision = {
  kind: 'defer',
  reasons: [{ code: 'pool-waits-for-quota', text: 'another waits' }],
};
const lacks: Decision = { kind: 'decline', reasons: [{ code: 'label-missing', text: 'no label' }] };

function linesOf(decisions: readonly PoolDecision[]): [string, LogFields | undefined][] {
  const lines: [string, LogFields | undefined][] = [];
  const log: Logger = {
    ...silentLogger,
    info: (message, fields) => {
      lines.push([message, fields]);
    },
  };
  logDecisions(log, stored(id, request({ event_id: 'e' })), decisions);
  return lines;
}

describe('log lines of decisions', () => {
  it('name the pool where it is one', () => {
    const fields = { event_id: 'e', request: id, provider: 'cloud', pool: 'a', reason: 'no label' };
    assert.deepEqual(linesOf([of('a', lacks)]), [['request declined', fields]]);
  });

  it('are one for all pools that defer, with some of them by name', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => of(name, waits));
    const [line, ...others] = linesOf(many);
    assert.deepEqual(line?.[1], {
      event_id: 'e',
      request: id,
      pools: 5,
      reason: 'another waits (cloud-a, cloud-b, cloud-c, 2 more)',
    });
    assert.deepEqual(others, []);
  });

  it('tell those that decline from those that defer, and nothing of the others', () => {
    const ignores: Decision = { kind: 'ignore' };
    const lines = linesOf([of('a', waits), of('b', lacks), of('c', ignores)]);
    assert.deepEqual(
      lines.map(([message]) => message),
      ['request declined', 'request deferred'],
    );
  });
});
