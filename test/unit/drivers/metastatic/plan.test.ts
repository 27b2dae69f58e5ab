import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  placeOf,
  readBackings,
  type Backing,
} from '../../../../shared/drivers/metastatic/backing.ts';
import {
  freeSlot,
  ordersWanted,
  releaseAt,
  waitingFor,
  type Terms,
} from '../../../../shared/drivers/metastatic/plan.ts';
import { borrowedNode } from './fake-borrowing.ts';

const TERMS: Terms = { graceTimeSeconds: 60, minRetentionTimeSeconds: 0, maxAgeSeconds: undefined };

function backing(fields: Partial<Backing> = {}): Backing {
  const node = borrowedNode('0000000001');
  return {
    ...{ node, label: 'slot', slots: [undefined, undefined], isFailed: false },
    launchedSeconds: 1000,
    ...fields,
  };
}

function find(backings: readonly Backing[], fields: Partial<Terms> = {}, nowSeconds = 1000) {
  return freeSlot(backings, { label: 'slot', terms: { ...TERMS, ...fields }, nowSeconds });
}

describe('the slot for a node', () => {
  it('is the first free one of the first backing node with room', () => {
    const full = backing({ slots: ['a', 'b'] });
    const second = backing({ node: borrowedNode('0000000002'), slots: ['c', undefined] });
    assert.deepEqual(find([full, second]), { backing: '0000000002', slot: 1 });
    assert.equal(find([full]), undefined);
  });

  it('is never on a node of another label, or one that has failed', () => {
    assert.equal(find([backing({ label: 'other' })]), undefined);
    assert.equal(find([backing({ isFailed: true })]), undefined);
  });

  it('is not on a node past its max-age', () => {
    assert.ok(find([backing()], { maxAgeSeconds: 100 }, 1100));
    assert.equal(find([backing()], { maxAgeSeconds: 100 }, 1101), undefined);
  });
});

describe('a backing node is given back', () => {
  it('never while a slot is taken', () => {
    assert.equal(
      releaseAt(backing({ slots: [undefined, 'a'], isFailed: true }), undefined, 0),
      Infinity,
    );
  });

  it('when its grace time is over and it is old enough', () => {
    assert.equal(releaseAt(backing(), TERMS, 1200), 1260);
    assert.equal(releaseAt(backing(), { ...TERMS, minRetentionTimeSeconds: 900 }, 1200), 1900);
  });

  it('as if just asked for, where it says that it was asked for later than it was empty', () => {
    const later = backing({ launchedSeconds: 1e9 });
    assert.equal(releaseAt(later, TERMS, 1200), 1260);
    assert.equal(releaseAt(later, { ...TERMS, minRetentionTimeSeconds: 900 }, 1200), 2100);
  });

  it('at max-age at the latest', () => {
    assert.equal(releaseAt(backing(), { ...TERMS, maxAgeSeconds: 230 }, 1200), 1230);
  });

  it('at once when it has failed or its label is gone', () => {
    assert.equal(releaseAt(backing({ isFailed: true }), TERMS, 1200), -Infinity);
    assert.equal(releaseAt(backing(), undefined, 1200), -Infinity);
  });
});

describe('orders', () => {
  it('are just enough for those who wait, each of whom counts on one of them', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 0, max: 9 }), (count, slots) => {
        const waiting = Array.from({ length: count }, (_, index) => index);
        const wanted = ordersWanted(count, slots);
        const groups = Array.from({ length: wanted }, (_, order) =>
          waitingFor(waiting, order, slots),
        );
        assert.deepEqual(groups.flat(), waiting);
        assert.ok(groups.every((group) => group.length > 0));
      }),
    );
  });
});

describe('what is known of backing nodes', () => {
  const at = (id: string, slot: number, on = '0000000001') => ({
    ...{ id, isIdle: false },
    driverData: { metadata: {}, backing_node: on, slot, node: id },
  });

  it('is read from the records of both sides', () => {
    const read = readBackings({
      borrowed: [borrowedNode('0000000002'), borrowedNode('0000000001', { slots: 3 })],
      launched: [
        at('a', 1),
        at('gone', 0, '0000000009'),
        { id: 'b', driverData: null, isIdle: false },
      ],
      promised: new Map([['c', { backing: '0000000001', slot: 2 }]]),
      isMoving: () => false,
    });
    assert.deepEqual([...read.keys()], ['0000000001', '0000000002']);
    assert.deepEqual(read.get('0000000001')?.slots, [undefined, 'a', 'c']);
  });

  it('counts a node that is about to move only where it is going to be', () => {
    const read = readBackings({
      borrowed: [borrowedNode('0000000001')],
      launched: [at('a', 0)],
      promised: new Map([['a', { backing: '0000000001', slot: 1 }]]),
      isMoving: (id) => id === 'a',
    });
    assert.deepEqual(read.get('0000000001')?.slots, [undefined, 'a']);
  });

  it('has a slot for each node even if the record says fewer', () => {
    const read = readBackings({
      borrowed: [borrowedNode('0000000001', { slots: 1 })],
      launched: [at('a', 3)],
      promised: new Map(),
      isMoving: () => false,
    });
    assert.equal(read.get('0000000001')?.slots[3], 'a');
  });

  it('takes nothing else for a place', () => {
    for (const data of [null, 'x', {}, { backing_node: 'b' }, { backing_node: 'b', slot: -1 }])
      assert.equal(placeOf(data), undefined);
  });
});
