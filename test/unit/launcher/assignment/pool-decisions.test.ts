/** How much work decisions are, counted in views of pools; time is not measured. */
import assert from 'node:assert/strict';

import { PoolDecisions } from '../../../../launcher/assignment/pool-decisions.ts';
import type { PoolView, RegisteredPool } from '../../../../launcher/assignment/pool-view.ts';
import type { Pool } from '../../../../launcher/pools/pool.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import {
  MADE_AT,
  onlinePools,
  poolView,
  registered,
  request,
} from '../../../support/launcher-world.ts';

const POOLS = 40;
const LABELS = 20;

/** Pools of one launcher; pool `n` has the label `l<n modulo 20>`, so two have each. */
class World {
  /** Views that were taken, and entries of the registry that these showed. */
  views = 0;
  shown = 0;
  readonly online: RegisteredPool[] = [];
  readonly decisions: PoolDecisions;
  isFull = true;
  isStarting = false;

  constructor() {
    const pools = Array.from({ length: POOLS }, (_, number) => this.#pool(number));
    this.decisions = new PoolDecisions({
      own: { all: () => pools, byId: (id) => pools.find((pool) => pool.id === id) },
      online: onlinePools(() => this.online),
      isStarting: () => this.isStarting,
    });
  }

  on(fields: Partial<RequestRecord>): string[] {
    return this.decisions
      .on(request(fields), MADE_AT)
      .map(({ pool, decision }) => `${pool.id} ${decision.kind}`);
  }

  #pool(number: number): Pool {
    const id = `p${number}`;
    const label = `l${number % LABELS}`;
    this.online.push(registered({ id, labels: new Set([label]) }));
    const pool = {
      id,
      view: (online: readonly RegisteredPool[]): PoolView => {
        this.views++;
        this.shown += online.length;
        return poolView({
          id,
          labels: { [label]: {} },
          registered: online,
          isWaiting: this.isFull,
        });
      },
    };
    return pool as unknown as Pool;
  }
}

describe('decisions of the own pools', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('come from those that have the labels', () => {
    assert.deepEqual(world.on({ node_types: ['l3'] }), ['p3 defer', 'p23 defer']);
  });

  it('come from all where no pool online is left that could serve the request', () => {
    const all = Array.from({ length: POOLS }, (_, number) => `p${number} decline`);
    assert.deepEqual(world.on({ node_types: ['nowhere'] }), all);
    assert.deepEqual(world.on({ node_types: ['l1', 'l2'] }), all);
    const others = all.filter((one) => !one.startsWith('p3 ') && !one.startsWith('p23 '));
    const answers = world.on({ node_types: ['l3'], declined_by: ['p3', 'p23'] });
    assert.deepEqual(
      answers.filter((one) => one.endsWith('decline')),
      others,
    );
  });

  it('come from nobody while another launcher can serve the request', () => {
    world.online.push(registered({ id: 'foreign', labels: new Set(['elsewhere']) }));
    assert.deepEqual(world.on({ node_types: ['elsewhere'] }), []);
  });

  it('never come from a pool that others do not see yet', () => {
    world.online.splice(3, 1);
    assert.deepEqual(world.on({ node_types: ['l3'] }), ['p23 defer']);
  });

  it('are no declines while a pool of ours is not seen online, or a provider starts', () => {
    world.online.splice(3, 1);
    assert.deepEqual(world.on({ node_types: ['nowhere'] }), []);
    world.online.push(registered({ id: 'p3', labels: new Set(['l3']) }));
    world.isStarting = true;
    world.decisions.forget();
    assert.deepEqual(world.on({ node_types: ['nowhere'] }), []);
    assert.deepEqual(world.on({ node_types: ['l3'] }).length, 2);
    world.isStarting = false;
    world.decisions.forget();
    assert.equal(world.on({ node_types: ['nowhere'] }).length, POOLS);
  });

  it('cost as many views as pools have the labels, and show only these', () => {
    world.on({ node_types: ['l3'] });
    assert.deepEqual([world.views, world.shown], [2, 4]);
  });

  it('cost for many requests of a kind what they cost for one', () => {
    for (let number = 0; number < 5000; number++) {
      world.on({ node_types: [`l${number % LABELS}`], event_id: String(number) });
    }
    assert.equal(world.views, POOLS);
  });

  it('are made anew once something has changed', () => {
    assert.deepEqual(world.on({ node_types: ['l3'] }), ['p3 defer', 'p23 defer']);
    world.isFull = false;
    world.decisions.forget();
    assert.deepEqual(world.on({ node_types: ['l3'] }), ['p3 accept', 'p23 accept']);
  });
});
