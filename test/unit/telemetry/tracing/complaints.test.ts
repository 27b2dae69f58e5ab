import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { Complaints, failureReason } from '../../../../shared/telemetry/tracing/complaints.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';

describe('complaints about traces', () => {
  it('come once a minute, with all that was lost since', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const complaints = new Complaints(clock, collectingLogger(lines));
    complaints.lost(3, 'ECONNREFUSED');
    for (let i = 0; i < 10; i++) complaints.lost(5, 'ECONNREFUSED');
    await clock.advance(59_000);
    complaints.lost(5, 'ECONNREFUSED');
    assert.deepEqual(lines, [
      'WARNING traces cannot be sent {"reason":"ECONNREFUSED","lost_spans":3}',
    ]);
    await clock.advance(1000);
    complaints.lost(1, 'ETIMEDOUT');
    assert.equal(lines[1], 'WARNING traces cannot be sent {"reason":"ETIMEDOUT","lost_spans":56}');
  });

  it('end with what has not been said', () => {
    const lines: string[] = [];
    const complaints = new Complaints(new ManualClock(), collectingLogger(lines));
    complaints.end(0, 'over');
    assert.deepEqual(lines, []);
    complaints.lost(1, 'ECONNREFUSED');
    complaints.lost(2, 'ECONNREFUSED');
    complaints.end(3, 'over');
    assert.deepEqual(lines.slice(1), [
      'WARNING traces cannot be sent {"reason":"over","lost_spans":5}',
    ]);
    complaints.end(0, 'over');
    assert.equal(lines.length, 2);
  });

  it('say nothing that the collector said', () => {
    const said = 'Bearer abcdef0123456789 is not known here';
    for (const [error, reason] of [
      [Object.assign(new Error(said), { code: 401, data: said }), /HTTP status 401$/],
      [Object.assign(new Error(said), { code: 'ECONNRESET' }), /^ECONNRESET$/],
      [Object.assign(new Error(said), { code: said }), /^the export failed$/],
      [new Error(said), /^the export failed$/],
      [new Error('Request timed out'), /does not answer/],
    ] as const) {
      assert.match(failureReason(error), reason);
    }
  });
});
