import assert from 'node:assert/strict';

import { MIN_READY, SMALL_TENANT } from '../../fault/fleet-config.ts';
import { BORROWER, METASTATIC, POOL_LIMITS, RACK_SLOTS } from '../../fault/fleet-providers.ts';
import { alwaysViolations, quietViolations } from '../../fault/invariants.ts';
import type { MachineSeen, NodeSeen, Snapshot } from '../../fault/snapshot.ts';

function nodeSeen(number: number, fields: object = {}, locks: readonly string[] = []): NodeSeen {
  const id = String(number).padStart(10, '0');
  const record = {
    ...{ state: 'ready', type: ['small'], provider: 'cloud', pool: 'main', allocated_to: null },
    ...{ external_id: `machine-${number}`, resources: { instances: 1 }, tenant_name: null },
    ...{ driver_data: null, user_data: null, launcher: 'a-launcher' },
    ...fields,
  };
  return { id, record, locks };
}

function machine(number: number, status = 'ACTIVE'): MachineSeen {
  return { provider: 'cloud', id: `machine-${number}`, status, node: String(number) };
}

function hostSeen(number: number, slot: number, port: number, fields: object = {}): NodeSeen {
  return nodeSeen(number, {
    ...{ provider: 'cloud-rack', type: ['metal'], external_id: '127.0.0.1', resources: null },
    ...{ hostname: '127.0.0.1', connection_port: port, slot },
    ...fields,
  });
}

const RACK = RACK_SLOTS.flatMap((slots, host) =>
  Array.from({ length: slots }, (_, slot) => hostSeen(100 + 10 * host + slot, slot, 2200 + host)),
);

/** Kept by the metastatic provider. */
function backing(number: number): NodeSeen {
  const user_data = JSON.stringify({ owner: BORROWER, label: 'slot' });
  const fields = { state: 'in-use', type: ['host'], allocated_to: 'gone', user_data };
  return nodeSeen(number, fields, ['lock']);
}

function slotOn(
  backingNode: NodeSeen,
  number: number,
  slot: number,
  fields: object = {},
): NodeSeen {
  return nodeSeen(number, {
    ...{ provider: METASTATIC, type: ['slot'], external_id: String(number) },
    driver_data: { backing_node: backingNode.id, slot },
    ...fields,
  });
}

const count = (upTo: number): number[] => Array.from({ length: upTo }, (_, index) => index + 1);

/** All is well: only the stock and the hosts are there. */
function quiet(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    nodes: [...count(MIN_READY).map((number) => nodeSeen(number)), ...RACK],
    requests: [],
    requestLocks: [],
    pools: ['cloud-rack/main', 'cloud/extra', 'cloud/main', 'meta/main'],
    machines: count(MIN_READY).map((number) => machine(number)),
    ...fields,
  };
}

const IN_USE = { state: 'in-use', allocated_to: 'a' };
const ofTenant = { ...IN_USE, tenant_name: SMALL_TENANT.name };

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
    [
      'a tenant has more nodes of a cloud than it may',
      { nodes: count(SMALL_TENANT.instances + 1).map((number) => nodeSeen(number, ofTenant)) },
      /tenant tenant-two has 5 nodes of cloud, may have 4/,
    ],
    [
      'a tenant has more slots of a launcher than it may',
      {
        nodes: [
          ...[1, 2].map(backing),
          ...count(SMALL_TENANT.instances + 1).map((number) =>
            slotOn(backing(1 + (number % 2)), 10 + number, number, ofTenant),
          ),
        ],
      },
      /tenant tenant-two has 5 nodes of a-launcher, may have 4/,
    ],
    [
      'a slot of a static host is given twice',
      { nodes: [...RACK, hostSeen(3, 0, 2200, IN_USE)] },
      /have one place: slot 0 of cloud-rack, port 2200/,
    ],
    [
      'a slot of a backing node is given twice',
      { nodes: [backing(1), slotOn(backing(1), 2, 0), slotOn(backing(1), 3, 0)] },
      /nodes 0000000002 and 0000000003 have one place: slot 0 of node 0000000001/,
    ],
    [
      'a slot is used on a node that nobody keeps',
      { nodes: [nodeSeen(1), slotOn(backing(1), 2, 0, IN_USE)] },
      /node 0000000002 is in use on node 0000000001, which is not kept/,
    ],
  ];
  for (const [what, fields, problem] of always)
    it(`is violated where ${what}`, () => {
      assert.match(alwaysViolations(quiet(fields)).join('\n'), problem);
    });

  const fine: [string, readonly NodeSeen[]][] = [
    [
      'two launchers give a tenant as many nodes as it may have in all',
      count(SMALL_TENANT.instances).flatMap((number) =>
        ['cloud', 'cloud-b'].map((provider, index) =>
          nodeSeen(10 * number + index, { ...ofTenant, provider }),
        ),
      ),
    ],
    [
      'the last tenant of free nodes and of static hosts has many',
      [
        ...count(3).map((number) => nodeSeen(number, ofTenant)),
        ...[4, 5].map((number) => nodeSeen(number, { tenant_name: SMALL_TENANT.name })),
        ...RACK_SLOTS.map((_, host) => hostSeen(10 + host, 0, 2200 + host, ofTenant)),
      ],
    ],
    [
      'the next node of a host is there while the last one is deleted',
      [...RACK, hostSeen(3, 0, 2200, { state: 'deleting' })],
    ],
  ];
  for (const [what, nodes] of fine)
    it(`holds where ${what}`, () => {
      assert.deepEqual(alwaysViolations(quiet({ nodes })), []);
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
  const withMore = (...nodes: readonly NodeSeen[]): Partial<Snapshot> => ({
    nodes: [...quiet().nodes, ...nodes],
    machines: [...quiet().machines, machine(9)],
  });
  const final: [string, Partial<Snapshot>, RegExp][] = [
    ['a request is left', { requests: [{ id: 'a', record: undefined }] }, /request a is left/],
    ['a request is locked', { requestLocks: ['a/lock'] }, /request lock a\/lock/],
    ['a node is locked', withFirst({}, ['lock']), /0000000001 is locked/],
    ['a node is not ready', withFirst({ state: 'building' }), /0000000001 is building/],
    ['a node is held', withFirst({ state: 'hold' }), /0000000001 is hold/],
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
    [
      'a host is not registered',
      { nodes: quiet().nodes.slice(0, -1) },
      /2 nodes of cloud-rack, expected 3/,
    ],
    ['a backing node has no node', withMore(backing(9)), /0000000009 is kept for nobody/],
    [
      'a backing node is not locked',
      withMore({ ...backing(9), locks: [] }, slotOn(backing(9), 10, 0)),
      /backing node 0000000009 is not locked/,
    ],
    [
      'a backing node has no machine',
      { ...withMore(backing(9), slotOn(backing(9), 10, 0)), machines: quiet().machines },
      /0000000009 has no machine/,
    ],
  ];
  for (const [what, fields, problem] of final)
    it(`is violated where ${what}`, () => {
      assert.match(quietViolations(quiet(fields), ['cloud']).join('\n'), problem);
    });

  it('holds when all is well', () => {
    assert.deepEqual(quietViolations(quiet(), ['cloud']), []);
  });

  it('holds where a free slot keeps its backing node', () => {
    const more = withMore(backing(9), slotOn(backing(9), 10, 0));
    assert.deepEqual(quietViolations(quiet(more), ['cloud']), []);
  });
});
