/**
 * What a launcher makes of nodes that it finds: every state, locked or not, of a provider that it has
 * or that nobody has, with and without the request that they are reserved for.
 */
import assert from 'node:assert/strict';

import { nodeSchema, type NodeRecord } from '../../../../schemas/records/node.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { node } from '../../../support/launcher-world.ts';
import { MemoryFleet } from '../../../support/memory-fleet.ts';

type State = NodeRecord['state'];
const states: readonly State[] = nodeSchema.shape.state.options;

interface Case {
  readonly state: State;
  readonly isLocked: boolean;
  /** `p0` is configured; nobody has `gone`. */
  readonly provider: 'p0' | 'gone' | null;
  readonly isRequestThere: boolean;
}

const cases: readonly Case[] = states.flatMap((state) =>
  [true, false].flatMap((isLocked) =>
    (['p0', 'gone', null] as const).flatMap((provider) =>
      [true, false].map((isRequestThere) => ({ state, isLocked, provider, isRequestThere })),
    ),
  ),
);

/** Somebody should hold their lock, or they say that they are to be deleted. */
const garbage = new Set<State>([
  ...(['building', 'in-use', 'used', 'deleting', 'failed', 'aborted', 'deleted'] as const),
]);

function expected({ state, isLocked, provider, isRequestThere }: Case): string {
  if (isLocked) return state === 'ready' ? 'ready, reserved' : state;
  const isNobodys = provider === null || state === 'deleted';
  if (garbage.has(state)) return provider === 'p0' || isNobodys ? 'gone' : state;
  // Its maker is not there: it is marked, and deleted by whoever has the provider.
  if (state === 'init') return provider === 'gone' ? 'deleting' : 'gone';
  if (state === 'ready') return isRequestThere ? 'ready, reserved' : 'ready, free';
  return state;
}

describe('a node that a launcher finds', function () {
  this.timeout(20_000);
  const found = new Map<string, string>();
  const nameOf = (one: Case): string =>
    [
      `${one.isLocked ? 'locked' : 'unlocked'} in ${one.state}`,
      one.provider === null ? 'without provider' : `of provider ${one.provider}`,
      one.isRequestThere ? 'with its request' : 'without its request',
    ].join(', ');

  before(async () => {
    const fleet = await MemoryFleet.start({
      labels: { small: { instances: 1 } },
      launchers: [[{ pools: [{ labels: ['small'] }] }]],
    });
    const request = await fleet.submit({ state: 'fulfilled' });
    const ids = new Map<string, Case>();
    for (const one of cases) ids.set(await leave(fleet, one, request), one);
    await fleet.settle();
    // Some are seen in two rounds before anybody touches them.
    await fleet.clock.advance(200_000);
    await fleet.settle();
    for (const [id, one] of ids) found.set(nameOf(one), stateOf(fleet.node(id)));
  });

  for (const one of cases) {
    it(`${nameOf(one)}, becomes ${expected(one)}`, () => {
      assert.equal(found.get(nameOf(one)), expected(one));
    });
  }
});

async function leave(fleet: MemoryFleet, one: Case, request: string): Promise<string> {
  const record = node({
    ...{ state: one.state, provider: one.provider, pool: 'q0', launcher: 'somebody-gone' },
    ...{ external_id: 'vm', type: ['small'], resources: {} },
    allocated_to: one.isRequestThere ? request : '200-0000009999',
  });
  const { path } = await fleet.zuul.create('/nodepool/nodes/', Buffer.alloc(0), {
    mode: 'persistentSequential',
  });
  if (one.isLocked) await new Lock(fleet.zuul, `${path}/lock`).tryAcquire();
  await fleet.zuul.set(path, Buffer.from(JSON.stringify(record)));
  return path.slice('/nodepool/nodes/'.length);
}

function stateOf(record: NodeRecord | undefined): string {
  if (!record) return 'gone';
  if (record.state !== 'ready') return record.state;
  return record.allocated_to === null ? 'ready, free' : 'ready, reserved';
}
