import assert from 'node:assert/strict';

import { MIN_READY, POOL_LIMITS } from '../../fault/fleet-config.ts';
import { alwaysViolations, quietViolations } from '../../fault/invariants.ts';
import type { MachineSeen, NodeSeen, Snapshot } from '../../fault/snapshot.ts';

function nodeSeen(number: number, fields: object = {}, locks: readonly string[] = []): NodeSeen {
  const id = String(number).padStart(10, '0');
  const record = {
    ...{ state: 'ready', type: ['small'], provider: 'cloud', pool: 'main', allocated_to: null },
    external_id: `machine-${number}`,
    ...fields,
  };
  return { id, record, locks };
}

function machine(number: number, status = 'ACTIVE'): MachineSeen {
  return { provider: 'cloud', id: `machine-${number}`, status, node: String(number) };
}

const count = (upTo: number): number[] => Array.from({ length: upTo }, (_, index) => index + 1);

/** All is well: only the stock is there. */
function quiet(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    nodes: count(MIN_READY).map((number) => nodeSeen(number)),
    requests: [],
    requestLocks: [],
    pools: ['cloud/extra', 'cloud/main'],
    machines: count(MIN_READY).map((number) => machine(number)),
    ...fields,
  };
}

describe('what must always hold in a fault run', () => {
  const always: [string, Partial<Snapshot>, RegExp][] = [
    [
      'two nodes have one machine',
      { nodes: [nodeSeen(1), nodeSeen(2, { external_id: 'machine-1' })] },
      /nodes 0000000001 and 0000000002 have one machine/,
    ],
    [
      'a node was given to two requests',
      {
        requests: ['a', 'b'].map((id) => ({
          id,
          record: { state: 'fulfilled', nodes: ['0000000001'] },
        })),
      },
      /node 0000000001 was given to a and b/,
    ],
    [
      'a pool has more nodes than it may',
      { nodes: count((POOL_LIMITS.main ?? 0) + 1).map((number) => nodeSeen(number)) },
      /pool cloud\/main has \d+ nodes/,
    ],
    [
      'a node in use is locked by two',
      { nodes: [nodeSeen(1, { state: 'in-use' }, ['a', 'b'])] },
      /is locked by 2/,
    ],
  ];
  for (const [what, fields, problem] of always)
    it(`is violated where ${what}`, () => {
      assert.match(alwaysViolations(quiet(fields)).join('\n'), problem);
    });

  it('holds when all is well', () => {
    assert.deepEqual(alwaysViolations(quiet()), []);
  });
});

describe('what must hold when a fault run is at rest', () => {
  const [first, ...others] = quiet().nodes;
  assert.ok(first);
  const withFirst = (fields: object, locks: readonly string[] = []): Partial<Snapshot> => ({
    nodes: [nodeSeen(1, fields, locks), ...others],
  });
  const final: [string, Partial<Snapshot>, RegExp][] = [
    ['a request is left', { requests: [{ id: 'a', record: undefined }] }, /request a is left/],
    ['a request is locked', { requestLocks: ['a/lock'] }, /request lock a\/lock/],
    ['a node is locked', withFirst({}, ['lock']), /0000000001 is locked/],
    ['a node is not ready', withFirst({ state: 'building' }), /0000000001 is building/],
    ['a node is reserved', withFirst({ allocated_to: 'a' }), /allocated to "a"/],
    ['a node is empty', { nodes: [{ ...first, record: undefined }, ...others] }, /is empty/],
    ['a node has no machine', { machines: [machine(2)] }, /0000000001 has no machine/],
    [
      'a machine does not work',
      { machines: [machine(1, 'ERROR'), machine(2)] },
      /machine of 0000000001 is ERROR/,
    ],
    [
      'a machine has no znode',
      { machines: [...quiet().machines, machine(9)] },
      /machine-9 .* belongs to no znode/,
    ],
    ['a pool is not online', { pools: ['cloud/main'] }, /pools online/],
    [
      'the stock is not there',
      { nodes: others, machines: [machine(2)] },
      /nodes of small in stock/,
    ],
  ];
  for (const [what, fields, problem] of final)
    it(`is violated where ${what}`, () => {
      assert.match(quietViolations(quiet(fields), ['cloud']).join('\n'), problem);
    });

  it('holds when all is well', () => {
    assert.deepEqual(quietViolations(quiet(), ['cloud']), []);
  });
});
