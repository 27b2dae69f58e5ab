import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MIN_READY_REQUESTOR } from '../../../schemas/records/request.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { sumQuota } from '../../../shared/cloud/quota.ts';
import { Usage } from '../../../shared/store/usage.ts';
import { node, nodeCache } from '../../support/launcher-world.ts';

const path = (id: string): string => `/nodepool/nodes/${id}`;

/** Without names whose amount is 0: what is left of a sum may keep them. */
const amounts = (quota: Quota): Quota =>
  Object.fromEntries(Object.entries(quota).filter(([, amount]) => amount !== 0));

describe('usage', () => {
  it('is nothing at first', () => {
    const usage = new Usage(nodeCache().cache);
    assert.deepEqual(usage.ofProvider('cloud'), {});
    assert.deepEqual(usage.ofPool('cloud', 'main'), {});
    assert.deepEqual(usage.ofTenant('acme'), {});
    assert.equal(usage.standbyCount('small'), 0);
    assert.equal(usage.reservedFor('r').size, 0);
  });

  it('counts a standby node as one even before its own request is closed', () => {
    const { tree, cache } = nodeCache();
    const usage = new Usage(cache);
    const reserved = { type: ['small'], allocated_to: 'r' };
    tree.put(path('1'), node({ ...reserved, requestor: MIN_READY_REQUESTOR }));
    tree.put(path('2'), node({ ...reserved, requestor: 'zuul' }));
    assert.equal(usage.standbyCount('small'), 1);
    assert.deepEqual([...usage.freeOfPool('cloud', 'main', 'small')], []);
    tree.put(path('1'), node({ type: ['small'], requestor: MIN_READY_REQUESTOR }));
    assert.equal(usage.standbyCount('small'), 1);
    assert.deepEqual([...usage.freeOfPool('cloud', 'main', 'small')], ['1']);
  });

  it('names free nodes oldest first', () => {
    const { tree, cache } = nodeCache();
    const usage = new Usage(cache);
    for (const id of ['3', '1', '2']) tree.put(path(id), node({ type: ['small'] }));
    assert.deepEqual([...usage.freeOfPool('cloud', 'main', 'small')], ['3', '1', '2']);
  });

  it('tells pools and providers with similar names apart', () => {
    const { tree, cache } = nodeCache();
    const usage = new Usage(cache);
    const resources = { instances: 1 };
    tree.put(path('1'), node({ provider: 'a', pool: 'b-c', resources }));
    tree.put(path('2'), node({ provider: 'a-b', pool: 'c', resources }));
    assert.deepEqual(usage.ofPool('a', 'b-c'), resources);
    assert.deepEqual(usage.ofPool('a-b', 'c'), resources);
  });

  it('equals what is counted anew from all nodes, after any changes', () => {
    const labels = ['small', 'large'];
    const record = fc
      .record<Partial<NodeRecord>>({
        state: fc.constantFrom('ready', 'ready', 'building', 'in-use', 'used', 'deleting', 'hold'),
        provider: fc.constantFrom('p1', 'p2', null),
        pool: fc.constantFrom('main', 'second', null),
        tenant_name: fc.constantFrom('acme', null),
        allocated_to: fc.constantFrom('r1', 'r2', null, null),
        requestor: fc.constantFrom('zuul', MIN_READY_REQUESTOR),
        type: fc.subarray(labels),
        resources: fc.option(
          fc.record(
            { instances: fc.constant(1), cores: fc.integer({ min: 0, max: 4 }) },
            { requiredKeys: [] },
          ),
        ),
      })
      .map(node);
    const change = fc.record({ id: fc.nat(7).map(String), record: fc.option(record) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { tree, cache } = nodeCache();
        const usage = new Usage(cache);
        const model = new Map<string, NodeRecord>();
        for (const { id, record } of changes) {
          if (record) {
            tree.put(path(id), record);
            model.set(id, record);
          } else {
            tree.remove(path(id));
            model.delete(id);
          }
        }
        const matching = (test: (record: NodeRecord) => boolean): string[] =>
          [...model].filter(([, record]) => test(record)).map(([id]) => id);
        const sum = (test: (record: NodeRecord) => boolean): Quota =>
          amounts(sumQuota(matching(test).map((id) => model.get(id)?.resources ?? {})));
        for (const provider of ['p1', 'p2']) {
          assert.deepEqual(
            amounts(usage.ofProvider(provider)),
            sum((record) => record.provider === provider),
          );
          assert.deepEqual(
            amounts(usage.onHoldOfProvider(provider)),
            sum((record) => record.provider === provider && record.state === 'hold'),
          );
          for (const pool of ['main', 'second']) {
            const isIn = (record: NodeRecord): boolean =>
              record.provider === provider && record.pool === pool;
            assert.deepEqual(amounts(usage.ofPool(provider, pool)), sum(isIn));
            assert.deepEqual(
              amounts(usage.leavingPool(provider, pool)),
              sum((record) => isIn(record) && ['used', 'deleting'].includes(record.state)),
            );
            assert.deepEqual(
              amounts(usage.onHoldOfPool(provider, pool)),
              sum((record) => isIn(record) && record.state === 'hold'),
            );
            for (const label of labels) {
              assert.deepEqual(
                new Set(usage.freeOfPool(provider, pool, label)),
                new Set(
                  matching(
                    (record) =>
                      isIn(record) &&
                      record.state === 'ready' &&
                      record.allocated_to === null &&
                      record.type.includes(label),
                  ),
                ),
              );
            }
          }
        }
        assert.deepEqual(
          amounts(usage.ofTenant('acme')),
          sum(
            ({ tenant_name, state, allocated_to }) =>
              tenant_name === 'acme' && (state !== 'ready' || allocated_to !== null),
          ),
        );
        const reserving = new Set<string>();
        for (const id of ['r1', 'r2']) {
          const nodes = matching((record) => record.allocated_to === id);
          if (nodes.length > 0) reserving.add(id);
          assert.deepEqual(new Set(usage.reservedFor(id)), new Set(nodes));
        }
        assert.deepEqual(new Set(usage.reservingRequests()), reserving);
        for (const label of labels) {
          const standby = matching(
            ({ state, type, allocated_to, requestor }) =>
              state === 'ready' &&
              type.includes(label) &&
              (allocated_to === null || requestor === MIN_READY_REQUESTOR),
          );
          assert.equal(usage.standbyCount(label), standby.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});
