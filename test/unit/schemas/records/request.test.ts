import assert from 'node:assert/strict';

import { newRequest, requestSchema } from '../../../../schemas/records/request.ts';

/** What Zuul reads without asking whether it is there. */
const KEYS = [
  ...['created_time', 'declined_by', 'event_id', 'node_types', 'nodes', 'provider'],
  ...['relative_priority', 'requestor', 'requestor_data', 'reuse', 'state', 'state_time'],
  'tenant_name',
];

describe('a request record', () => {
  it('has all thirteen keys, whatever the znode lacked', () => {
    assert.deepEqual(Object.keys(requestSchema.parse({ state: 'requested' })).sort(), KEYS);
  });

  it('has them when it is made here', () => {
    const made = newRequest({ node_types: ['small'] }, 5);
    assert.deepEqual(Object.keys(made).sort(), KEYS);
    assert.deepEqual([made.state, made.state_time, made.reuse], ['requested', 5, true]);
  });

  it('is served with ready nodes unless it says otherwise', () => {
    assert.equal(requestSchema.parse({ state: 'requested' }).reuse, true);
    assert.equal(requestSchema.parse({ state: 'requested', reuse: false }).reuse, false);
  });

  it("carries the requestor's own data through untouched", () => {
    const data = { build_set: { uuid: 'x', list: [1, null, { deep: true }] } };
    assert.deepEqual(
      requestSchema.parse({ state: 'requested', requestor_data: data }).requestor_data,
      data,
    );
  });

  it('needs a known state', () => {
    assert.equal(requestSchema.safeParse({ node_types: ['small'] }).success, false);
    assert.equal(requestSchema.safeParse({ state: 'lost' }).success, false);
  });
});
