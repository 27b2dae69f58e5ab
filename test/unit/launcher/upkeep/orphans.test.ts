import assert from 'node:assert/strict';

import { Orphans, type Makers } from '../../../../launcher/upkeep/node-ages.ts';
import type { RequestRecord } from '../../../../schemas/records/request.ts';
import { noMetrics } from '../../../../shared/telemetry/metrics.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { StoreWorld } from '../../../support/fake-store.ts';
import { node } from '../../../support/launcher-world.ts';
import { MemoryFleet } from '../../../support/memory-fleet.ts';

const POOLS = '/nodepool/components/pool';

interface Case {
  readonly maker: 'ours' | 'theirs' | 'nobody';
  /** Undefined: it is gone. */
  readonly request: RequestRecord['state'] | undefined;
  /** Whether we are making the node. */
  readonly isMaking?: boolean;
  readonly stays: boolean;
}

const cases: readonly Case[] = [
  { maker: 'nobody', request: 'pending', stays: false },
  { maker: 'theirs', request: 'pending', stays: true },
  { maker: 'theirs', request: 'requested', stays: false },
  { maker: 'theirs', request: 'fulfilled', stays: false },
  { maker: 'theirs', request: undefined, stays: false },
  { maker: 'ours', request: 'pending', isMaking: true, stays: true },
  { maker: 'ours', request: 'pending', isMaking: false, stays: false },
  { maker: 'ours', request: 'requested', isMaking: false, stays: false },
];

function nameOf({ maker, request, isMaking, stays }: Case): string {
  return [
    `${stays ? 'stays' : 'is deleted'}: made by ${maker}`,
    `its request ${request === undefined ? 'gone' : `is ${request}`}`,
    ...(isMaking === undefined ? [] : [isMaking ? 'being made' : 'not being made']),
  ].join(', ');
}

describe('a node in init that nobody has locked', () => {
  for (const one of cases)
    it(nameOf(one), async () => {
      const world = await StoreWorld.start();
      const { store, clock } = world;
      const request = one.request && (await world.request({ state: one.request }));
      const made = await world.node({
        ...{ state: 'init', launcher: one.maker },
        allocated_to: request ? request.id : 'gone',
      });
      const makers: Makers = {
        isOnline: (pool) => pool !== 'nobody',
        isOwn: (pool) => pool === 'ours',
        isMaking: (...about) => {
          assert.deepEqual(about, [made.record.allocated_to, made.id]);
          return one.isMaking === true;
        },
      };
      const context = {
        ...{ store, clock, log: silentLogger, metrics: noMetrics, random: () => 0 },
        supervise: () => undefined,
      };
      const orphans = new Orphans();
      await orphans.sweep(context, makers);
      assert.equal(world.stateOf(made), 'init', 'its maker may be just about to lock it');
      await orphans.sweep(context, makers);
      assert.equal(world.stateOf(made), one.stays ? 'init' : 'deleting');
    });
});

describe('a node that a launcher lost while it made it', () => {
  it('does not hold up for ever what its request needs', async () => {
    const fleet = await MemoryFleet.start({
      labels: { small: { instances: 1 } },
      launchers: [[{ pools: [{ labels: ['small'] }] }]],
      tenants: [{ 'tenant-name': 'limited', 'max-servers': 2 }],
    });
    // Both take what the tenant may have, so that the next one waits.
    await leaveNode(fleet, 'another');
    const request = await fleet.submit({ node_types: ['small', 'small'], tenant_name: 'limited' });
    const lost = await leaveNode(fleet, request);
    await fleet.settle();
    assert.equal(fleet.request(request)?.state, 'requested');
    await fleet.clock.advance(200_000);
    await fleet.settle();
    assert.equal(fleet.node(lost), undefined);
    assert.equal(fleet.request(request)?.state, 'pending');
  });
});

/** As a launcher that is online leaves it. */
async function leaveNode(fleet: MemoryFleet, request: string): Promise<string> {
  const { children } = fleet.server.znodes.children(POOLS);
  const pool = fleet.server.znodes.get(`${POOLS}/${children[0] ?? ''}`).data.toString();
  const { id: launcher } = JSON.parse(pool) as { id: string };
  const record = node({
    ...{ state: 'init', provider: 'p0', pool: 'q0', launcher, allocated_to: request },
    ...{ tenant_name: 'limited', resources: { instances: 1 }, external_id: null },
  });
  const made = fleet.zuul.create('/nodepool/nodes/', Buffer.from(JSON.stringify(record)), {
    mode: 'persistentSequential',
  });
  await fleet.settle();
  const { path } = await made;
  return path.slice('/nodepool/nodes/'.length);
}
