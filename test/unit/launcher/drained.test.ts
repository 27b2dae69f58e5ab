/** Providers and launchers that are drained in the middle of their work. */
import assert from 'node:assert/strict';

import { MemoryFleet } from '../../support/memory-fleet.ts';
import type { LaunchEnd } from '../../support/memory-cloud.ts';

const LABELS = { small: { instances: 1, cores: 1 }, rare: { instances: 1, cores: 2 } };
const small = [{ labels: ['small'] }];

/** Launcher `host-0` with provider `p0` and room for `room` nodes, `host-1` with `p1`. */
function twoLaunchers(room: number): Promise<MemoryFleet> {
  return MemoryFleet.start({
    labels: LABELS,
    launchers: [
      [{ limits: { instances: room }, options: { 'launch-retries': 3 }, pools: small }],
      [{ pools: small }],
    ],
  });
}

async function ask(fleet: MemoryFleet, ...labels: string[]): Promise<string> {
  const id = await fleet.submit({ node_types: labels });
  await fleet.settle();
  return id;
}

/** Ends the launches that run in the provider. */
async function end(fleet: MemoryFleet, provider: string, how: LaunchEnd = 'ready'): Promise<void> {
  for (const launch of fleet.clouds.get(provider)?.pending.values() ?? []) launch.end(how);
  await fleet.settle();
}

async function drain(fleet: MemoryFleet, name: string, isDrained = true): Promise<void> {
  await fleet.drain(name.startsWith('p') ? 'provider' : 'launcher', name, isDrained);
  await fleet.settle();
}

const launches = (fleet: MemoryFleet, provider: string): number =>
  fleet.clouds.get(provider)?.pending.size ?? 0;

describe('a drained provider', () => {
  it('gives the nodes that are being made to their request, and hands back what waits for room', async () => {
    const fleet = await twoLaunchers(2);
    await drain(fleet, 'p1');
    const running = await ask(fleet, 'small', 'small');
    const waiting = await ask(fleet, 'small');
    assert.equal(fleet.request(waiting)?.state, 'pending');
    await drain(fleet, 'p0');
    assert.equal(fleet.request(waiting)?.state, 'requested', 'it would wait for room');
    await drain(fleet, 'p1', false);
    assert.equal(launches(fleet, 'p1'), 1, 'another provider takes what waits');
    await end(fleet, 'p0');
    assert.equal(fleet.request(running)?.state, 'fulfilled');
  });

  it('hands a request back of which only some nodes have room, and lets these go', async () => {
    const fleet = await twoLaunchers(2);
    await drain(fleet, 'p1');
    const first = await ask(fleet, 'small');
    const id = await ask(fleet, 'small', 'small');
    assert.equal(launches(fleet, 'p0'), 2, 'one for each, and one waits');
    await drain(fleet, 'p0');
    await end(fleet, 'p0');
    assert.equal(fleet.request(first)?.state, 'fulfilled');
    assert.equal(fleet.request(id)?.state, 'requested');
    assert.deepEqual(
      [...fleet.nodes().values()].map((node) => node.allocated_to),
      [first],
    );
  });

  it('does not decline a request because its launches fail', async () => {
    const fleet = await twoLaunchers(1);
    await drain(fleet, 'p1');
    const id = await ask(fleet, 'small');
    await drain(fleet, 'p0');
    await end(fleet, 'p0', 'failed');
    await fleet.clock.advance(2000);
    assert.equal(launches(fleet, 'p0'), 0, 'it is not tried again there');
    assert.equal(fleet.request(id)?.state, 'requested');
    assert.deepEqual(fleet.request(id)?.declined_by, []);
    await drain(fleet, 'p0', false);
    await end(fleet, 'p0');
    assert.equal(fleet.request(id)?.state, 'fulfilled');
  });

  it('lets unused nodes go, now and later, and keeps those in use until they are given back', async () => {
    const fleet = await twoLaunchers(5);
    await drain(fleet, 'p1');
    const used = await ask(fleet, 'small');
    const cancelled = await ask(fleet, 'small');
    await end(fleet, 'p0');
    await fleet.use(used);
    const late = await ask(fleet, 'small');
    await fleet.cancel(cancelled);
    await fleet.settle();
    assert.equal(fleet.nodes().size, 3);
    await drain(fleet, 'p0');
    assert.equal(fleet.nodes().size, 2, 'the unused one goes');
    await fleet.cancel(late);
    await end(fleet, 'p0');
    assert.equal(fleet.nodes().size, 1, 'what is ready now is unused, too');
    await fleet.giveBack();
    await fleet.settle();
    assert.equal(fleet.nodes().size, 0);
    assert.equal(fleet.clouds.get('p0')?.machines.size, 0);
  });

  it('leaves a request that asks for it to others at once', async () => {
    const fleet = await twoLaunchers(5);
    await drain(fleet, 'p0');
    const id = await fleet.submit({ node_types: ['small'], provider: 'p0' });
    await fleet.settle();
    assert.equal(launches(fleet, 'p1'), 1);
    assert.deepEqual(fleet.request(id)?.declined_by, []);
  });

  it('keeps a request that only it could serve, though all others decline, until the drain ends', async () => {
    const rare = [{ labels: ['rare'] }];
    const fleet = await MemoryFleet.start({
      labels: LABELS,
      launchers: [[{ pools: rare }], [{ pools: small }]],
    });
    await drain(fleet, 'p0');
    const id = await ask(fleet, 'rare');
    await fleet.clock.advance(120_000);
    assert.equal(fleet.request(id)?.state, 'requested');
    const [reason] = fleet.launchers[0]?.status().requests ?? [];
    assert.deepEqual(reason, { id, code: 'draining', reason: 'p0-q0: provider p0 is drained' });
    await drain(fleet, 'p0', false);
    assert.equal(launches(fleet, 'p0'), 1);
  });
});

describe('a drained launcher', () => {
  const states = (fleet: MemoryFleet): unknown[] =>
    fleet.server.znodes
      .children('/nodepool/components/launcher')
      .children.filter((name) => name.startsWith('host-0'))
      .map((name) => fleet.server.znodes.get(`/nodepool/components/launcher/${name}`))
      .map(({ data }) => (JSON.parse(data.toString()) as { state: string }).state);

  it('leaves new requests to others, ends what it serves, and says when it can be stopped', async () => {
    const fleet = await twoLaunchers(5);
    await drain(fleet, 'p1');
    const own = await ask(fleet, 'small');
    await drain(fleet, 'p1', false);
    await drain(fleet, 'host-0');
    assert.deepEqual(states(fleet), ['draining']);
    await ask(fleet, 'small');
    assert.equal(launches(fleet, 'p0'), 1);
    assert.equal(launches(fleet, 'p1'), 1);
    await end(fleet, 'p0');
    assert.equal(fleet.request(own)?.state, 'fulfilled');
    assert.deepEqual(states(fleet), ['drained']);
    await fleet.use(own);
    await fleet.giveBack();
    await fleet.settle();
    assert.equal(fleet.clouds.get('p0')?.machines.size, 0, 'it still deletes');
    await drain(fleet, 'host-0', false);
    assert.deepEqual(states(fleet), ['running']);
  });

  it('keeps its unused nodes, which others may use', async () => {
    const fleet = await twoLaunchers(5);
    const id = await ask(fleet, 'small');
    await end(fleet, 'p0');
    await end(fleet, 'p1');
    await fleet.cancel(id);
    await fleet.settle();
    await drain(fleet, 'host-0');
    await drain(fleet, 'host-1');
    assert.equal(fleet.nodes().size, 1);
  });

  it('lets a request that only it could serve wait instead of failing', async () => {
    const fleet = await MemoryFleet.start({
      labels: LABELS,
      launchers: [[{ pools: [{ labels: ['rare'] }] }], [{ pools: small }]],
    });
    await drain(fleet, 'host-0');
    const id = await ask(fleet, 'rare');
    assert.equal(fleet.request(id)?.state, 'requested');
    assert.equal(
      fleet.launchers[0]?.status().requests[0]?.reason,
      'p0-q0: launcher host-0 is drained',
    );
  });
});
