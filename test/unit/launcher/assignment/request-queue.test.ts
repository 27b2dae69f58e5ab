/** The queue against a simple model, and how much it looks at. */
import assert from 'node:assert/strict';

import fc from 'fast-check';

import { RequestQueue, type ChangedPool } from '../../../../launcher/assignment/request-queue.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import type { StoredRequest } from '../../../../shared/store/requests.ts';
import { compareRequests, WaitingRequests } from '../../../../shared/store/waiting.ts';
import { request, stored } from '../../../support/launcher-world.ts';

class FakePool implements ChangedPool {
  readonly config: { readonly labels: ReadonlyMap<string, unknown> };
  isOpen = true;

  constructor(labels: readonly string[]) {
    this.config = { labels: new Map(labels.map((label) => [label, {}])) };
  }

  serves({ record }: StoredRequest): boolean {
    return record.node_types.every((label) => this.config.labels.has(label));
  }
}

class World {
  readonly waiting = new WaitingRequests();
  readonly known = new Map<string, StoredRequest>();
  readonly queue = new RequestQueue<FakePool>({
    get: (id) => this.known.get(id),
    waiting: this.waiting,
  });

  /** Makes or changes a request. */
  put(id: string, fields: Partial<RequestRecord>): void {
    const before = this.known.get(id);
    const after = stored(id, request({ ...before?.record, ...fields }));
    this.known.set(id, after);
    this.waiting.replace(before, after);
  }

  /** As `put`, and tells the queue. */
  change(id: string, fields: Partial<RequestRecord>): void {
    this.put(id, fields);
    this.queue.requestChanged(id);
  }

  remove(id: string): void {
    this.waiting.replace(this.known.get(id), undefined);
    this.known.delete(id);
    this.queue.requestGone(id);
  }

  all(): string[] {
    const ids: string[] = [];
    for (let next = this.queue.next(); next; next = this.queue.next()) ids.push(next.id);
    return ids;
  }
}

const idOf = (number: number, priority = '100'): string =>
  `${priority}-${String(number).padStart(10, '0')}`;

describe('the queue of requests to look at', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('is empty at first, and after all has been looked at', () => {
    assert.equal(world.queue.isEmpty, true);
    world.change(idOf(1), {});
    world.queue.everythingChanged();
    world.queue.poolChanged(new FakePool(['small']));
    assert.equal(world.queue.isEmpty, false);
    assert.deepEqual(world.all(), [idOf(1)]);
    assert.equal(world.queue.isEmpty, true);
  });

  it('gives a request once, however often and by whomever it is put there', () => {
    for (const number of [2, 1]) world.change(idOf(number), {});
    world.queue.requestChanged(idOf(1));
    world.queue.everythingChanged();
    assert.deepEqual(world.all(), [idOf(1), idOf(2)]);
  });

  it('takes an urgent one first that comes during a walk', () => {
    for (const number of [1, 2]) world.put(idOf(number), {});
    world.queue.everythingChanged();
    assert.equal(world.queue.next()?.id, idOf(1));
    world.change(idOf(9, '050'), {});
    assert.deepEqual(world.all(), [idOf(9, '050'), idOf(2)]);
  });

  it('follows a priority that changes while it waits', () => {
    for (const number of [1, 2, 3]) world.change(idOf(number), {});
    assert.equal(world.queue.next()?.id, idOf(1));
    world.change(idOf(2), { relative_priority: 5 });
    assert.deepEqual(world.all(), [idOf(3), idOf(2)]);
  });

  it('leaves out what is not requested any more, or gone', () => {
    for (const number of [1, 2, 3]) world.change(idOf(number), {});
    world.queue.everythingChanged();
    world.put(idOf(1), { state: 'pending' });
    world.remove(idOf(2));
    assert.deepEqual(world.all(), [idOf(3)]);
  });

  it('gives of a changed pool what it serves', () => {
    world.put(idOf(1), { node_types: ['large'] });
    world.put(idOf(2), { node_types: ['small', 'small'] });
    world.put(idOf(3), { node_types: ['small', 'large'] });
    world.queue.poolChanged(new FakePool(['small', 'other']));
    assert.deepEqual(world.all(), [idOf(2)]);
  });

  it('leaves a group as soon as none of the changed pools can take anything', () => {
    for (let number = 1; number <= 5; number++) world.put(idOf(number), {});
    const pools = [new FakePool(['small']), new FakePool(['small'])];
    for (const pool of pools) world.queue.poolChanged(pool);
    assert.equal(world.queue.next()?.id, idOf(1));
    for (const pool of pools) pool.isOpen = false;
    assert.deepEqual(world.all(), []);
    assert.equal(world.queue.isEmpty, true);
  });

  it('goes on to the end where everything has changed, open pools or not', () => {
    for (const number of [1, 2]) world.put(idOf(number), {});
    const closed = new FakePool(['small']);
    closed.isOpen = false;
    world.queue.everythingChanged();
    assert.equal(world.queue.next()?.id, idOf(1));
    world.queue.poolChanged(closed);
    assert.deepEqual(world.all(), [idOf(1), idOf(2)]);
  });

  it('does not grow by what is put there again and again', () => {
    const requests = 50;
    for (let number = 1; number <= requests; number++) world.put(idOf(number), {});
    for (let turn = 0; turn < 2000; turn++) {
      world.change(idOf(1 + (turn % requests)), { relative_priority: turn });
      world.queue.everythingChanged();
      world.queue.next();
    }
    let rest = 0;
    while (world.queue.next()) rest++;
    assert.ok(rest <= requests, `${rest} left`);
  });

  it('gives what a simple list gives, in the order of service', () => {
    const labels = ['a', 'b'];
    const id = fc
      .tuple(fc.constantFrom('050', '100'), fc.integer({ min: 1, max: 5 }))
      .map(([priority, number]) => idOf(number, priority));
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('change' as const),
        id,
        relative_priority: fc.integer({ min: 0, max: 2 }),
        state: fc.constantFrom('requested', 'requested', 'requested', 'pending'),
        node_types: fc.subarray(labels),
      }),
      fc.record({ kind: fc.constant('gone' as const), id }),
      fc.record({ kind: fc.constant('pool' as const), which: fc.nat(2) }),
      fc.record({ kind: fc.constant('all' as const) }),
      fc.record({ kind: fc.constant('next' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50, size: 'max' }), (steps) => {
        world = new World();
        const pools = [['a'], ['b'], ['a', 'b']].map((some) => new FakePool(some));
        const due = new Set<string>();
        const dueRequests = (): StoredRequest[] =>
          [...due].flatMap((one) => {
            const known = world.known.get(one);
            return known?.record.state === 'requested' ? [known] : [];
          });
        const take = (): void => {
          const [expected] = dueRequests().sort(compareRequests);
          assert.equal(world.queue.next()?.id, expected?.id);
          if (expected) due.delete(expected.id);
        };
        for (const one of steps) {
          if (one.kind === 'change') {
            const { id: changed, relative_priority, state } = one;
            // The labels of a request never change.
            const node_types = world.known.get(changed)?.record.node_types ?? one.node_types;
            world.change(changed, { relative_priority, state, node_types });
            due.add(changed);
          } else if (one.kind === 'gone') {
            world.remove(one.id);
            due.delete(one.id);
          } else if (one.kind === 'next') {
            take();
          } else {
            const pool = one.kind === 'pool' ? pools[one.which] : undefined;
            if (pool) world.queue.poolChanged(pool);
            else world.queue.everythingChanged();
            for (const known of world.known.values()) {
              if (!pool || pool.serves(known)) due.add(known.id);
            }
          }
        }
        while (dueRequests().length > 0) take();
        assert.equal(world.queue.next(), undefined);
      }),
      { numRuns: 500 },
    );
  });
});
