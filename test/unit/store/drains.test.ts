import assert from 'node:assert/strict';

import { DrainStore } from '../../../shared/store/drains.ts';
import { drain, endDrain } from '../../../shared/store/orders/drains.ts';
import { StoreWorld } from '../../support/fake-store.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';

const record = { since: 1_800_000_000, by: 'root@desk', comment: 'repairs' };
const cloud = { kind: 'provider', name: 'cloud' } as const;

describe('drains', () => {
  let world: StoreWorld;
  let lines: string[];
  let drains: DrainStore;
  let told: string[];

  beforeEach(async () => {
    world = await StoreWorld.start();
    lines = [];
    drains = new DrainStore(world.client, collectingLogger(lines));
    told = [];
    drains.onChange(({ kind, name, before, after }) => {
      told.push(`${kind} ${name}: ${String(before !== undefined)} ${String(after !== undefined)}`);
    });
    await drains.tree.start(new AbortController().signal);
  });
  afterEach(() => drains.tree.stop());

  it('are known with who made them, by kind and name, until they are ended', async () => {
    assert.equal(await drain(world.other, cloud, record), 'done');
    await world.clock.advance(1);
    assert.equal(drains.isDrained('provider', 'cloud'), true);
    assert.equal(drains.isDrained('launcher', 'cloud'), false);
    assert.deepEqual(drains.all(), [{ ...cloud, record }]);
    assert.equal(await endDrain(world.other, cloud), 'done');
    await world.clock.advance(1);
    assert.equal(drains.isDrained('provider', 'cloud'), false);
    assert.deepEqual(told, ['provider cloud: false true', 'provider cloud: true false']);
  });

  it('stay as they are when they are made once more, and need not be there to be ended', async () => {
    await drain(world.other, cloud, record);
    assert.equal(await drain(world.other, cloud, { ...record, by: 'another' }), 'already');
    await world.clock.advance(1);
    assert.equal(drains.get('provider', 'cloud')?.record?.by, 'root@desk');
    await endDrain(world.other, cloud);
    assert.equal(await endDrain(world.other, cloud), 'not-drained');
    assert.equal(await endDrain(world.other, { kind: 'launcher', name: 'x' }), 'not-drained');
  });

  it('count though nobody can read them', async () => {
    await world.other.ensurePath('/nodepool/drain/launchers/host-a');
    await world.other.ensurePath('/nodepool/drain/providers/cloud');
    await world.other.set('/nodepool/drain/providers/cloud', Buffer.from('{"since": "today"'));
    await world.clock.advance(1);
    assert.deepEqual(drains.all(), [
      { ...cloud, record: undefined },
      { kind: 'launcher', name: 'host-a', record: undefined },
    ]);
    assert.ok(lines.some((line) => line.includes('/nodepool/drain/providers/cloud')));
    await endDrain(world.other, cloud);
    await world.clock.advance(1);
    assert.equal(drains.isDrained('provider', 'cloud'), false);
  });

  it('are ended with what somebody has put below them', async () => {
    await world.other.ensurePath('/nodepool/drain/providers/cloud/below');
    assert.equal(await endDrain(world.other, cloud), 'done');
    await world.clock.advance(1);
    assert.deepEqual(drains.all(), []);
  });

  it('are nothing else that stands beside them', async () => {
    await world.other.ensurePath('/nodepool/drain/builders/host-a');
    await world.clock.advance(1);
    assert.deepEqual(drains.all(), []);
  });
});
