/** The table of session states: what must hold on every way through it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvariantError } from '../../../shared/base/errors.ts';
import { nextState, transitions } from '../../../shared/zookeeper/session.ts';
import type { SessionEvent } from '../../../shared/zookeeper/session.ts';
import type { SessionState } from '../../../shared/zookeeper/types.ts';

const EVENTS: readonly SessionEvent[] = [
  'attached',
  'lost',
  'refused',
  'overdue',
  'renewed',
  'closed',
];

describe('the session states', () => {
  it('hold their rules on every walk', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 }), (events) => {
        let state: SessionState = 'connecting';
        for (const event of events) {
          const before: SessionState = state;
          if (transitions[before][event] === undefined) {
            assert.throws(() => nextState(before, event), InvariantError);
            continue;
          }
          state = nextState(before, event);
          if (before === 'closed') assert.equal(state, 'closed');
          if (event === 'closed') assert.equal(state, 'closed');
          // A session ends only while it is cut off, and never comes back.
          if (state === 'expired') assert.equal(before, 'suspended');
          if (before === 'expired') assert.ok(state === 'connecting' || state === 'closed');
          if (state === 'suspended') assert.ok(before === 'connected' || before === 'suspended');
        }
      }),
    );
  });

  it('can all be reached, and all but `closed` lead back to `connected`', () => {
    const reach = (from: SessionState): Set<SessionState> => {
      const seen = new Set<SessionState>([from]);
      for (const state of seen)
        for (const next of Object.values(transitions[state])) seen.add(next);
      return seen;
    };
    const all = Object.keys(transitions).toSorted();
    assert.deepEqual([...reach('connecting')].toSorted(), all);
    for (const state of ['connecting', 'suspended', 'expired'] as const) {
      assert.ok(reach(state).has('connected'), state);
    }
    assert.deepEqual([...reach('closed')], ['closed']);
  });

  it('name state and event when something impossible happens', () => {
    assert.throws(() => nextState('connected', 'overdue'), /connected: overdue/);
  });
});
