import assert from 'node:assert/strict';

import fc from 'fast-check';

import { compareRequests, nextInGroup, WaitingRequests } from '../../../shared/store/waiting.ts';
import type { StoredRequest } from '../../../shared/store/requests.ts';
import type { RequestRecord } from '../../../schemas/records/request.ts';
import { request, stored } from '../../support/launcher-world.ts';

const one = (id: string, fields: Partial<RequestRecord> = {}): StoredRequest =>
  stored(id, request(fields));
const ids = (requests: Iterable<StoredRequest>): string[] => [...requests].map(({ id }) => id);

describe('the order of service', () => {
  const before = (a: StoredRequest, b: StoredRequest): void => {
    assert.ok(compareRequests(a, b) < 0);
    assert.ok(compareRequests(b, a) > 0);
  };

  it('is that of the priority, as text', () => {
    before(one('100-0000000002'), one('200-0000000001', { relative_priority: -9 }));
    before(one('1000-0000000001'), one('200-0000000001'));
  });

  it('is that of the relative priority among equals', () => {
    before(
      one('100-0000000002', { relative_priority: 9 }),
      one('100-0000000001', { relative_priority: 10 }),
    );
  });

  it('is that of arrival among equals of those', () => {
    before(one('100-0000000009'), one('100-0000000010'));
    assert.equal(compareRequests(one('100-0000000001'), one('100-0000000001')), 0);
  });

  it('is some order of all requests, even with ids that are none', () => {
    const anyId = fc.oneof(fc.constantFrom('100-0000000001', '200-0000000001'), fc.string());
    const any = fc
      .tuple(anyId, fc.integer({ min: 0, max: 2 }))
      .map(([id, relative_priority]) => one(id, { relative_priority }));
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        assert.equal(Math.sign(compareRequests(a, b)), -Math.sign(compareRequests(b, a)) + 0);
        if (compareRequests(a, b) <= 0 && compareRequests(b, c) <= 0) {
          assert.ok(compareRequests(a, c) <= 0);
        }
      }),
    );
  });
});

describe('waiting requests', () => {
  it('are those in state requested', () => {
    const waiting = new WaitingRequests();
    const before = one('100-0000000001');
    waiting.replace(undefined, before);
    waiting.replace(undefined, one('100-0000000002', { state: 'pending' }));
    assert.deepEqual([waiting.size, ids(waiting.inOrder(() => true))], [1, ['100-0000000001']]);
    waiting.replace(before, one('100-0000000001', { state: 'fulfilled' }));
    assert.equal(waiting.size, 0);
  });

  it('are walked through in the groups that pass only', () => {
    const waiting = new WaitingRequests();
    waiting.replace(undefined, one('100-0000000001', { node_types: ['a', 'b'] }));
    waiting.replace(undefined, one('100-0000000002', { node_types: ['b', 'a', 'b'] }));
    waiting.replace(undefined, one('100-0000000003', { node_types: ['c'] }));
    const asked: string[] = [];
    const passed = waiting.inOrder((labels) => {
      asked.push([...labels].sort().join());
      return labels.has('b');
    });
    assert.deepEqual(ids(passed), ['100-0000000001', '100-0000000002']);
    // One question for each set of labels, not for each request.
    assert.deepEqual(asked, ['a,b', 'c']);
  });

  it('may change while they are walked through', () => {
    const waiting = new WaitingRequests();
    const all = [1, 2, 3].map((number) => one(`100-000000000${number}`));
    for (const request of all) waiting.replace(undefined, request);
    const seen: string[] = [];
    for (const request of waiting.inOrder(() => true)) {
      seen.push(request.id);
      waiting.replace(request, undefined);
    }
    assert.deepEqual(seen, ids(all));
    assert.equal(waiting.size, 0);
  });

  it('leave no group behind when the last of it goes', () => {
    const waiting = new WaitingRequests();
    const only = one('100-0000000001', { node_types: ['a'] });
    waiting.replace(undefined, only);
    const [group] = waiting.groups();
    waiting.replace(only, undefined);
    assert.deepEqual([[...waiting.groups()], [...waiting.groupsWithin(['a'])]], [[], []]);
    assert.ok(group);
    assert.equal(nextInGroup(group, undefined), undefined);
  });

  it('are what a naive sort gives, after any changes', () => {
    const labels = ['a', 'b', 'c'];
    const change = fc.record({
      id: fc
        .tuple(fc.constantFrom('050', '100', '200'), fc.integer({ min: 1, max: 9 }))
        .map(([priority, sequence]) => `${priority}-${String(sequence).padStart(10, '0')}`),
      // Few sets of labels, so that groups become large.
      node_types: fc.constantFrom<string[]>(['a'], ['a', 'b'], ['b', 'a', 'b'], []),
      relative_priority: fc.integer({ min: -1, max: 1 }),
      state: fc.constantFrom('requested' as const, 'requested' as const, 'pending' as const),
      isGone: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 80, size: 'max' }),
        fc.subarray(labels),
        (changes, offered) => {
          const waiting = new WaitingRequests();
          const model = new Map<string, StoredRequest>();
          for (const { id, isGone, ...fields } of changes) {
            const before = model.get(id);
            // The labels of a request never change.
            const node_types = before?.record.node_types ?? fields.node_types;
            const after = isGone ? undefined : one(id, { ...fields, node_types });
            waiting.replace(before, after);
            if (after) model.set(id, after);
            else model.delete(id);
          }
          const serves = (wanted: Iterable<string>): boolean =>
            [...wanted].every((label) => offered.includes(label));
          const all = [...model.values()].filter(({ record }) => record.state === 'requested');
          const expected = all
            .filter(({ record }) => serves(record.node_types))
            .sort(compareRequests);
          assert.equal(waiting.size, all.length);
          assert.deepEqual(ids(waiting.inOrder(serves)), ids(expected));
          const within = [...waiting.groupsWithin(offered)].flatMap(({ requests }) => requests);
          assert.deepEqual(ids(within.sort(compareRequests)), ids(expected));
          for (const group of waiting.groups()) {
            for (const last of all) {
              assert.equal(
                nextInGroup(group, last),
                group.requests.find((request) => compareRequests(request, last) > 0),
              );
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
