import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  planSync,
  slotFields,
  type InventoryNode,
  type SyncPlan,
} from '../../../../launcher/inventory/sync-plan.ts';
import { nodeSchema, type NodeRecord } from '../../../../schemas/records/node.ts';
import type { InventorySlot } from '../../../../shared/drivers/driver.ts';
import { node } from '../../../support/launcher-world.ts';

function slotOf(fields: Partial<InventorySlot> = {}): InventorySlot {
  return {
    pool: 'main',
    name: 'host-a',
    slot: 0,
    labels: ['small'],
    username: 'zuul',
    connectionPort: 22,
    connectionType: 'ssh',
    shellType: null,
    pythonPath: 'auto',
    hostKeyChecking: true,
    hostKeys: [],
    attributes: null,
    ...fields,
  };
}

/** The node that registering a slot makes. */
function nodeIn(
  slot: InventorySlot,
  fields: Partial<NodeRecord> = {},
  more: Partial<InventoryNode> = {},
): InventoryNode {
  const record = node({
    ...slotFields(slot),
    pool: slot.pool,
    hostname: slot.name,
    external_id: slot.name,
    ...fields,
  });
  return { id: `node-${slot.name}-${slot.slot}`, isLocked: false, record, ...more };
}

/** How many places are to be filled, which nodes go, which are corrected. */
const say = ({ register, withdraw, correct }: SyncPlan) => ({
  register: register.map((slot) => `${slot.name} ${slot.slot}`),
  withdraw,
  correct: correct.map(({ id }) => id),
});
const nothing = { register: [], withdraw: [], correct: [] };

describe('planSync', () => {
  const slot = slotOf();

  it('registers each empty place', () => {
    const slots = [slot, slotOf({ slot: 1 }), slotOf({ name: 'host-b' })];
    assert.deepEqual(say(planSync(slots, [])).register, ['host-a 0', 'host-a 1', 'host-b 0']);
  });

  it('changes nothing where each place has its node', () => {
    for (const state of ['ready', 'in-use', 'used', 'hold', 'init'] as const) {
      assert.deepEqual(say(planSync([slot], [nodeIn(slot, { state })])), nothing, state);
    }
  });

  it('registers a successor as soon as a node is leaving', () => {
    for (const state of ['deleting', 'deleted'] as const) {
      const plan = say(planSync([slot], [nodeIn(slot, { state })]));
      assert.deepEqual(plan, { ...nothing, register: ['host-a 0'] }, state);
    }
  });

  it('withdraws a node without a place when it is ready and unlocked', () => {
    assert.deepEqual(say(planSync([], [nodeIn(slot)])).withdraw, ['node-host-a-0']);
    assert.deepEqual(say(planSync([], [nodeIn(slot, {}, { isLocked: true })])), nothing);
    assert.deepEqual(say(planSync([], [nodeIn(slot, { state: 'in-use' })])), nothing);
  });

  it('knows a host by name, user and port', () => {
    for (const change of [{ name: 'other' }, { username: 'root' }, { connectionPort: 2222 }]) {
      const plan = planSync([slotOf(change)], [nodeIn(slot)]);
      assert.deepEqual(
        [plan.register.length, plan.withdraw.length],
        [1, 1],
        JSON.stringify(change),
      );
    }
  });

  it('registers a host in its new pool once it has left the old one', () => {
    const moved = [slotOf({ pool: 'second' })];
    const withdrawn = { ...nothing, withdraw: ['node-host-a-0'] };
    assert.deepEqual(say(planSync(moved, [nodeIn(slot)])), withdrawn);
    assert.deepEqual(say(planSync(moved, [nodeIn(slot, { state: 'in-use' })])), nothing);
    const leaving = say(planSync(moved, [nodeIn(slot, { state: 'deleting' })]));
    assert.deepEqual(leaving, { ...nothing, register: ['host-a 0'] });
  });

  it('moves a free node to the place of its host that is left', () => {
    const plan = planSync([slotOf({ slot: 1 })], [nodeIn(slot)]);
    assert.deepEqual(say(plan), { ...nothing, correct: ['node-host-a-0'] });
    assert.equal(plan.correct[0]?.slot.slot, 1);
  });

  it('never lends a host more often than it has places, whatever the nodes say', () => {
    const slots = [slot, slotOf({ slot: 1 })];
    const used = (id: string, at: number | null) =>
      nodeIn(slot, { state: 'in-use', slot: at }, { id });
    for (const at of [0, 7, null]) {
      assert.deepEqual(say(planSync(slots, [used('a', 0), used('b', at)])), nothing);
    }
    const free = nodeIn(slotOf({ slot: 1 }), {}, { id: 'free' });
    const plan = planSync(slots, [used('a', 0), free, used('b', 0)]);
    assert.deepEqual(say(plan), { ...nothing, withdraw: ['free'] });
  });

  it('lets a node in use hold a place in which no free node stands', () => {
    const slots = [slot, slotOf({ slot: 1 })];
    const used = nodeIn(slot, { state: 'in-use', slot: null }, { id: 'used' });
    assert.deepEqual(say(planSync(slots, [used, nodeIn(slot)])), nothing);
  });

  it('withdraws no node that is reserved for a request', () => {
    assert.deepEqual(say(planSync([], [nodeIn(slot, { allocated_to: 'request' })])), nothing);
  });

  it('asks a host again whose configured key is not the one of its free node', () => {
    const hostKeys = ['ssh-ed25519 new'];
    const plan = planSync([slotOf({ hostKeys })], [nodeIn(slot, { host_keys: ['ssh-rsa old'] })]);
    assert.deepEqual(say(plan), { ...nothing, correct: ['node-host-a-0'] });
    const shown = nodeIn(slot, { host_keys: ['ssh-rsa old', ...hostKeys] });
    assert.deepEqual(say(planSync([slotOf({ hostKeys })], [shown])), nothing);
  });

  it('corrects a free node whose host has other labels, or other ways to log in, now', () => {
    for (const change of [
      { labels: ['small', 'large'] },
      { labels: [] },
      { connectionType: 'winrm' },
      { shellType: 'cmd' },
      { pythonPath: '/usr/bin/python3' },
      { attributes: { rack: 7 } },
    ]) {
      const plan = planSync([slotOf(change)], [nodeIn(slot)]);
      assert.deepEqual(
        say(plan),
        { ...nothing, correct: ['node-host-a-0'] },
        JSON.stringify(change),
      );
    }
  });

  it('leaves a node alone that is reserved, locked or in use, however it differs', () => {
    const changed = [slotOf({ labels: ['large'] })];
    assert.deepEqual(say(planSync(changed, [nodeIn(slot, { state: 'in-use' })])), nothing);
    assert.deepEqual(say(planSync(changed, [nodeIn(slot, { allocated_to: 'r' })])), nothing);
    assert.deepEqual(say(planSync(changed, [nodeIn(slot, {}, { isLocked: true })])), nothing);
  });

  it('gives nodes without a slot the free places of their host, and corrects them', () => {
    const slots = [slot, slotOf({ slot: 1 })];
    const legacy = ['x', 'y', 'z'].map((id) => nodeIn(slot, { slot: null }, { id }));
    const plan = planSync(slots, legacy);
    assert.deepEqual(say(plan), { register: [], withdraw: ['z'], correct: ['x', 'y'] });
    assert.deepEqual(
      plan.correct.map((one) => one.slot.slot),
      [0, 1],
    );
  });

  it('finds the host of a node as old as to have no connection_port', () => {
    const old = nodeSchema.parse({
      ...nodeIn(slotOf({ connectionPort: 2222 })).record,
      connection_port: undefined,
      ssh_port: 2222,
      slot: null,
      state: 'in-use',
    });
    const record = old as NodeRecord;
    const plan = planSync(
      [slotOf({ connectionPort: 2222 })],
      [{ id: 'old', isLocked: false, record }],
    );
    assert.deepEqual(say(plan), nothing);
  });

  it('withdraws a free node where one in use without a slot leaves it no place', () => {
    const withSlot = nodeIn(slot, {}, { id: 'with' });
    const without = nodeIn(slot, { slot: null, state: 'in-use' }, { id: 'without' });
    for (const nodes of [
      [withSlot, without],
      [without, withSlot],
    ]) {
      assert.deepEqual(say(planSync([slot], nodes)), { ...nothing, withdraw: ['with'] });
    }
  });

  it('withdraws the second of two nodes in one place', () => {
    const nodes = [nodeIn(slot, {}, { id: 'one' }), nodeIn(slot, {}, { id: 'two' })];
    assert.deepEqual(say(planSync([slot], nodes)), { ...nothing, withdraw: ['two'] });
  });

  it('withdraws what is above max-parallel-jobs', () => {
    const nodes = [nodeIn(slot), nodeIn(slotOf({ slot: 1 })), nodeIn(slotOf({ slot: 2 }))];
    assert.deepEqual(say(planSync([slot], nodes)).withdraw, ['node-host-a-1', 'node-host-a-2']);
  });

  describe('whatever is there', () => {
    const slots = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('host-a', 'host-b'),
        slot: fc.nat(2),
        labels: fc.subarray(['small', 'large']),
        attributes: fc.constantFrom(null, { rack: 7 }),
      }),
      { selector: (one) => `${one.name} ${one.slot}`, maxLength: 5 },
    );
    const nodes = fc.array(
      fc.record({
        name: fc.constantFrom('host-a', 'host-b', 'host-c'),
        slot: fc.constantFrom(0, 1, 2, null),
        labels: fc.subarray(['small', 'large']),
        state: fc.constantFrom('ready' as const, 'in-use' as const, 'deleting' as const),
        allocated_to: fc.constantFrom(null, 'request'),
        isLocked: fc.boolean(),
      }),
      { maxLength: 7 },
    );

    type Nodes = typeof nodes extends fc.Arbitrary<infer N> ? N : never;
    const made = (list: Nodes) =>
      list.map(({ name, slot: at, labels, isLocked, ...fields }, index) =>
        nodeIn(slotOf({ name, labels }), { ...fields, slot: at }, { id: `n${index}`, isLocked }),
      );

    /** Nodes after the plan is done; what is withdrawn is gone. */
    function after(places: readonly InventorySlot[], before: readonly InventoryNode[]) {
      const plan = planSync(places, before);
      const kept = before
        .filter(({ id }) => !plan.withdraw.includes(id))
        .map((one) => {
          const place = plan.correct.find(({ id }) => id === one.id)?.slot;
          return place ? { ...one, record: { ...one.record, ...slotFields(place) } } : one;
        });
      const filled = plan.register.map((place, at) =>
        nodeIn(place, {}, { id: `new${before.length + at}` }),
      );
      return [...kept, ...filled];
    }

    it('has nothing left to do when what it withdrew is gone and replaced', () => {
      fc.assert(
        fc.property(slots, nodes, (wanted, list) => {
          const places = wanted.map(slotOf);
          const settled = after(places, after(places, made(list)));
          assert.deepEqual(say(planSync(places, settled)), nothing);
        }),
        { numRuns: 1000 },
      );
    });

    it('fills no place of a host beside nodes that are still there', () => {
      fc.assert(
        fc.property(slots, nodes, (wanted, list) => {
          const places = wanted.map(slotOf);
          const before = made(list);
          const { register, withdraw } = planSync(places, before);
          for (const name of ['host-a', 'host-b']) {
            const ofHost = before.filter(
              ({ record }) => record.hostname === name && record.state !== 'deleting',
            );
            const filled = register.filter((one) => one.name === name).length;
            const has = places.filter((one) => one.name === name).length;
            if (filled > 0) assert.ok(ofHost.length + filled <= has);
            const gone = ofHost.filter(({ id }) => withdraw.includes(id)).length;
            const busy = ofHost.filter(
              ({ record, isLocked }) =>
                record.state === 'in-use' || isLocked || record.allocated_to !== null,
            ).length;
            assert.ok(ofHost.length - gone + filled <= Math.max(has, busy));
          }
        }),
        { numRuns: 1000 },
      );
    });
  });
});
