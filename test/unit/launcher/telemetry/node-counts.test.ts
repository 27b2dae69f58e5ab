import assert from 'node:assert/strict';

import fc from 'fast-check';

import { NodeCounts } from '../../../../launcher/telemetry/node-counts.ts';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { node, nodeCache } from '../../../support/launcher-world.ts';

const STATES = ['ready', 'building', 'in-use'] as const;

describe('counts of nodes', () => {
  it('equal what is counted anew from all nodes, after any changes', () => {
    const record = fc
      .record<Partial<NodeRecord>>({
        state: fc.constantFrom(...STATES),
        provider: fc.constantFrom('p1', 'p2', null),
        type: fc.subarray(['small', 'large']),
        comment: fc.option(fc.constant('a change that does not count')),
      })
      .map(node);
    const change = fc.record({ id: fc.nat(5).map(String), record: fc.option(record) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { tree, cache } = nodeCache();
        const counts = new NodeCounts(cache);
        for (const one of changes) {
          const path = `/nodepool/nodes/${one.id}`;
          if (one.record) tree.put(path, one.record);
          else tree.remove(path);
        }
        const left = [...cache.values()].map((one) => one.record);
        const number = (state: string, test: (one: NodeRecord) => boolean): number | undefined => {
          const found = left.filter((one) => one.state === state && test(one)).length;
          return found === 0 ? undefined : found;
        };
        for (const state of STATES) {
          assert.equal(
            counts.all.get(state),
            number(state, () => true),
          );
          for (const name of ['p1', 'p2', 'None'])
            assert.equal(
              counts.ofProvider(name).get(state),
              number(state, ({ provider }) => (provider ?? 'None') === name),
            );
          for (const label of ['small', 'large'])
            assert.equal(
              counts.ofLabel(label).get(state),
              number(state, ({ type }) => type.includes(label)),
            );
        }
        const providers = new Set(left.map(({ provider }) => provider ?? 'None'));
        assert.deepEqual(new Set(counts.providers()), providers, 'what has gone is forgotten');
        assert.deepEqual(new Set(counts.labels()), new Set(left.flatMap(({ type }) => type)));
      }),
    );
  });
});
