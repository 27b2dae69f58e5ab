/** Decisions as tables: what is asked, what the pool knows, what it answers. */
import assert from 'node:assert/strict';

import { decide, type Decision } from '../../../../launcher/assignment/decide.ts';
import type { PoolView } from '../../../../launcher/assignment/pool-view.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import { poolView, request, type ViewFields } from '../../../support/launcher-world.ts';

/** The kind with the codes of its reasons, or whether an accepted request fits now. */
function say(decision: Decision): string {
  if (decision.kind === 'accept') return decision.fitsNow ? 'accept' : 'accept and wait';
  if (decision.kind === 'ignore') return 'ignore';
  const reasons: readonly { code: string }[] = decision.reasons;
  return `${decision.kind}: ${reasons.map((reason) => reason.code).join(' ')}`;
}

interface Row {
  readonly when: string;
  readonly request?: Partial<RequestRecord>;
  readonly view?: ViewFields & Partial<PoolView>;
  readonly answer: string;
}

export function table(rows: readonly Row[]): void {
  for (const row of rows) {
    it(`${row.answer}, when ${row.when}`, () => {
      assert.equal(say(decide(request(row.request), poolView(row.view))), row.answer);
    });
  }
}
