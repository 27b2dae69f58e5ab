import assert from 'node:assert/strict';

import type { BuildRecord, UploadRecord } from '../../../schemas/records/image.ts';
import { ImageWork, type OwnedBuild } from '../../../shared/store/image-work.ts';
import type { HeldLock } from '../../../shared/zookeeper/lock.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { eventually } from '../../support/eventually.ts';
import { StoreWorld } from '../../support/fake-store.ts';

const IMAGE = '/nodepool/images/debian';
const KEY = { image: 'debian', build: 'b1' };
const login = { username: 'zuul', python_path: 'auto', shell_type: null };
const BUILDING: BuildRecord = { state: 'building', state_time: 1, builder: 'host', ...login };
const UPLOADING: UploadRecord = {
  ...{ state: 'uploading', state_time: 1, format: null, external_id: null, external_name: null },
  ...login,
};

describe('the work on images', () => {
  let world: StoreWorld;
  let work: ImageWork;
  beforeEach(async () => {
    world = await StoreWorld.start();
    work = new ImageWork(world.client, world.store.images);
  });

  async function begin(): Promise<OwnedBuild> {
    const held = await work.lockImage('debian');
    assert.ok(held);
    return work.createBuild(held, KEY, BUILDING);
  }

  async function built(): Promise<void> {
    const build = await begin();
    await work.transaction().set(build, { state: 'ready', formats: 'raw' }).release(build).commit();
  }

  async function lockedUploads(): Promise<HeldLock> {
    const held = await work.lockUploads(KEY, 'cloud');
    assert.ok(held);
    return held;
  }

  it('is of one builder at a time, who gives the lock back with the result', async () => {
    const build = await begin();
    assert.equal(await work.lockImage('debian'), undefined);
    assert.equal(world.store.images.builds.get(`${IMAGE}/builds/b1`)?.record.state, 'building');
    await work.transaction().set(build, { state: 'failed' }).release(build).commit();
    assert.deepEqual(world.read(`${IMAGE}/builds/b1`), { ...BUILDING, state: 'failed' });
    assert.ok(await work.lockImage('debian'));
    assert.deepEqual(world.store.images.buildIds('debian'), ['b1']);
  });

  it('gives uploads the numbers that Python gives them', async () => {
    await built();
    const held = await lockedUploads();
    assert.equal(await work.lockUploads(KEY, 'cloud'), undefined);
    assert.ok(await work.lockUploads(KEY, 'other'), 'another provider is no matter of theirs');
    const upload = await work.createUpload(held, KEY, 'cloud', UPLOADING);
    assert.equal(upload.id, '0000000001');
    await work
      .transaction()
      .set(upload, { state: 'ready', external_id: 'x' })
      .release(upload)
      .commit();
    assert.equal(world.store.images.newestReady('debian', 'cloud')?.record.external_id, 'x');
    const again = await work.createUpload(await lockedUploads(), KEY, 'cloud', UPLOADING);
    assert.ok(again.id > upload.id);
  });

  it('brings no build back that is gone', async () => {
    assert.equal(await work.lockUploads(KEY, 'cloud'), undefined);
    assert.equal(await world.other.exists(`${IMAGE}/builds/b1`), undefined);
  });

  it('removes a build only when its uploads are removed, each under its lock', async () => {
    await built();
    const held = await lockedUploads();
    const upload = await work.createUpload(held, KEY, 'cloud', UPLOADING);
    assert.equal(await work.removeBuild(KEY), false, 'it has an upload');
    await work.transaction().set(upload, { state: 'failed' }).release(upload).commit();
    const stored = world.store.images.uploads.get(upload.path);
    assert.ok(stored);
    const deleting = await work.takeUpload(stored, { state: 'deleting' });
    assert.ok(deleting);
    assert.equal(await work.takeUpload(stored, { state: 'deleting' }), undefined, 'locked');
    assert.equal(await work.removeUpload(deleting), true);
    assert.equal(world.store.images.uploads.size, 0);
    const build = world.store.images.builds.get(`${IMAGE}/builds/b1`);
    assert.ok(build);
    const owned = await work.takeBuild(build, { state: 'deleting' });
    assert.ok(owned);
    assert.equal(await work.removeBuild(KEY), false, 'somebody holds its lock');
    await owned.release();
    assert.equal(await work.removeBuild(KEY), true);
    assert.equal(world.store.images.builds.size, 0);
    assert.ok(await world.other.exists(`${IMAGE}/builds`));
    assert.equal(await work.removeBuild(KEY), false, 'it is gone');
  });

  it('leaves an upload for whose lock somebody waits', async () => {
    await built();
    const upload = await work.createUpload(await lockedUploads(), KEY, 'cloud', UPLOADING);
    await work.transaction().set(upload, { state: 'failed' }).release(upload).commit();
    const stored = world.store.images.uploads.get(upload.path);
    const owned = stored && (await work.takeUpload(stored, { state: 'deleting' }));
    assert.ok(owned);
    const end = new AbortController();
    const waiting = new Lock(world.other, `${upload.path}/lock`).acquire({ signal: end.signal });
    const failing = assert.rejects(waiting);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await work.removeUpload(owned), false);
    end.abort(new Error('enough'));
    await failing;
  });

  it('knows what operators ask for', async () => {
    const { images } = world.store;
    for (const name of ['pause', 'request-build']) {
      await world.other.ensurePath(`${IMAGE}/${name}`);
    }
    await eventually(() => {
      assert.deepEqual([images.isPaused('debian'), images.isRequested('debian')], [true, true]);
    });
    await work.forgetRequest('debian');
    await work.forgetRequest('debian');
    await eventually(() => {
      assert.deepEqual([images.isPaused('debian'), images.isRequested('debian')], [true, false]);
    });
    assert.deepEqual(images.names(), ['debian']);
  });
});
