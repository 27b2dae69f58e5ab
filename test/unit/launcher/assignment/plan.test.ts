import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  launchAll,
  planFromInventory,
  planWithReady,
} from '../../../../launcher/assignment/plan.ts';
import type { FreeNode } from '../../../../launcher/assignment/pool-view.ts';
import { freeNode } from '../../../support/launcher-world.ts';

type Free = (label: string) => readonly FreeNode[];
const among =
  (nodes: readonly FreeNode[]): Free =>
  (label) =>
    nodes.filter((node) => node.labels.includes(label));

/** Tries every way to give each label a node of its own. */
function isPossible(labels: readonly string[], free: Free, taken: readonly string[] = []): boolean {
  const [first, ...rest] = labels;
  if (first === undefined) return true;
  return free(first).some(
    ({ id }) => !taken.includes(id) && isPossible(rest, free, [...taken, id]),
  );
}

const names = ['a', 'b', 'c', 'd'];
const wanted = fc.array(fc.constantFrom(...names), { maxLength: 5 });
const nodes = fc
  .array(
    fc.record({
      labels: fc.subarray(names, { minLength: 1 }),
      availabilityZone: fc.constantFrom(null, 'az1', 'az2'),
    }),
    { maxLength: 6 },
  )
  .map((list) => list.map((fields, index) => freeNode(`n${index}`, fields)));

function assertSound(
  labels: readonly string[],
  chosen: readonly (string | undefined)[],
  free: Free,
) {
  assert.equal(chosen.length, labels.length);
  const taken = chosen.filter((id) => id !== undefined);
  assert.equal(new Set(taken).size, taken.length, 'a node is taken twice');
  for (const [at, id] of chosen.entries()) {
    if (id === undefined) continue;
    assert.ok(
      free(labels[at] ?? '').some((node) => node.id === id),
      `${id} has not the label`,
    );
  }
}

describe('launchAll', () => {
  it('launches a node for each label', () => {
    assert.deepEqual(launchAll(['a', 'a']), {
      nodes: [undefined, undefined],
      availabilityZone: undefined,
    });
  });
});

describe('planWithReady', () => {
  it('takes the oldest ready nodes and launches the rest', () => {
    const free = among([freeNode('old', { labels: ['a'] }), freeNode('new', { labels: ['a'] })]);
    assert.deepEqual(planWithReady(['a', 'b', 'a', 'a'], free).nodes, [
      'old',
      undefined,
      'new',
      undefined,
    ]);
  });

  it('keeps to the zone of the first node taken', () => {
    const free = among([
      freeNode('one', { labels: ['a'], availabilityZone: 'az1' }),
      freeNode('two', { labels: ['b'], availabilityZone: 'az2' }),
      freeNode('three', { labels: ['b'], availabilityZone: 'az1' }),
    ]);
    const plan = planWithReady(['a', 'b'], free);
    assert.deepEqual(plan, { nodes: ['one', 'three'], availabilityZone: 'az1' });
  });

  it('lets a node without a zone set none', () => {
    const free = among([
      freeNode('one', { labels: ['a'] }),
      freeNode('two', { labels: ['b'], availabilityZone: 'az2' }),
    ]);
    assert.deepEqual(planWithReady(['a', 'b'], free), {
      nodes: ['one', 'two'],
      availabilityZone: 'az2',
    });
  });

  it('never takes a node twice, one without the label, or nodes of two zones', () => {
    fc.assert(
      fc.property(wanted, nodes, (labels, list) => {
        const free = among(list);
        const plan = planWithReady(labels, free);
        assertSound(labels, plan.nodes, free);
        const zones = new Set(
          plan.nodes.flatMap((id) => list.find((node) => node.id === id)?.availabilityZone ?? []),
        );
        assert.ok(zones.size <= 1);
        assert.equal(plan.availabilityZone, [...zones][0]);
      }),
    );
  });
});

describe('planFromInventory', () => {
  it('gives a host with several labels to the label that has no other', () => {
    const free = among([
      freeNode('both', { labels: ['a', 'b'] }),
      freeNode('only', { labels: ['a'] }),
    ]);
    assert.deepEqual(planFromInventory(['a', 'b'], free)?.nodes, ['only', 'both']);
  });

  it('finds an assignment exactly where there is one', () => {
    fc.assert(
      fc.property(wanted, nodes, (labels, list) => {
        const free = among(list);
        const plan = planFromInventory(labels, free);
        assert.equal(plan !== undefined, isPossible(labels, free));
        if (!plan) return;
        assertSound(labels, plan.nodes, free);
        assert.ok(plan.nodes.every((id) => id !== undefined));
      }),
      { numRuns: 2000 },
    );
  });
});
