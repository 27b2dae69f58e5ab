import assert from 'node:assert/strict';

import { writeEnd, writeEndAnd } from '../../../builder/persist.ts';
import { hasCode, ZooKeeperError } from '../../../shared/base/errors.ts';
import { ImageWork, type OwnedBuild } from '../../../shared/store/image-work.ts';
import { StoreWorld } from '../../support/fake-store.ts';

/** More answers in a row than a transaction asks for by itself. */
const LOST = 9;

const lost = (): Error =>
  new ZooKeeperError('ZK_CONNECTION_LOSS', 'lost', { labels: ['retryable'] });

describe('the last word on a build', () => {
  let world: StoreWorld;
  let owned: OwnedBuild;

  beforeEach(async () => {
    world = await StoreWorld.start();
    const work = new ImageWork(world.client, world.store.images);
    const held = await work.lockImage('debian');
    assert.ok(held);
    const login = { username: null, python_path: null, shell_type: null };
    const record = { state: 'building', state_time: 1, builder: 'host', ...login } as const;
    owned = await work.createBuild(held, { image: 'debian', build: 'b1' }, record);
  });

  /** So many calls fail before the server hears of them. */
  function lose(calls: number): void {
    const multi = world.client.multi.bind(world.client);
    let left = calls;
    world.client.multi = (ops, options) =>
      left-- > 0 ? Promise.reject(lost()) : multi(ops, options);
  }
  const state = (): unknown => (world.read(owned.path) as { state: string }).state;

  it('is written when there is a connection, however long that takes', async () => {
    lose(LOST);
    await writeEnd(world.client, world.clock, owned, { state: 'ready' });
    assert.equal(state(), 'ready');
  });

  it('goes before what belongs to it', async () => {
    lose(LOST);
    const seen: unknown[] = [];
    let tries = 0;
    await writeEndAnd(world.client, owned, { state: 'ready' }, () => {
      seen.push(state(), owned.signal.aborted);
      const isLost = tries++ === 0;
      return isLost ? Promise.reject(lost()) : Promise.resolve();
    });
    assert.deepEqual(seen, ['ready', false, 'ready', false]);
  });

  it('is not written where the lock is gone', async () => {
    world.client.expire();
    await assert.rejects(
      writeEnd(world.client, world.clock, owned, { state: 'ready' }),
      (error: unknown) => hasCode(error, 'ZK_LOCK_LOST'),
    );
    assert.equal(state(), 'building');
  });
});
