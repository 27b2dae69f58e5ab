import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BuilderContext } from '../../../../builder/context.ts';
import { ImageFolder } from '../../../../builder/files/image-folder.ts';
import { ImageUploader, type UploadResult } from '../../../../builder/upload/upload-image.ts';
import { uploadMetadata, uploadName } from '../../../../builder/upload/upload-names.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { abortReason, onAbort } from '../../../../shared/base/wait.ts';
import type { ImageStore, ImageUpload } from '../../../../shared/drivers/driver.ts';
import { ImageWork } from '../../../../shared/store/image-work.ts';
import { CollectingMetrics } from '../../../support/collecting-metrics.ts';
import { StoreWorld } from '../../../support/fake-store.ts';
import { good } from '../../config/load-text.ts';

const KEY = { image: 'debian', build: '0123456789abcdef0123456789abcdef' };
const PATH = `/nodepool/images/debian/builds/${KEY.build}`;

describe('one upload of a build', () => {
  let world: StoreWorld;
  let work: ImageWork;
  let folder: string;
  let uploads: ImageUpload[];
  let deleted: string[];
  let metrics: CollectingMetrics;
  let send: (upload: ImageUpload, signal: AbortSignal) => Promise<string>;
  beforeEach(async () => {
    world = await StoreWorld.start();
    work = new ImageWork(world.client, world.store.images);
    folder = await mkdtemp(join(tmpdir(), 'upload-image-'));
    [uploads, deleted] = [[], []];
    metrics = new CollectingMetrics();
    send = () => Promise.resolve('cloud-id');
    const held = await work.lockImage('debian');
    assert.ok(held);
    const login = { username: 'zuul', python_path: 'auto', shell_type: null };
    await work.createBuild(held, KEY, { state: 'ready', state_time: 1, formats: 'raw', ...login });
    await held.release();
    const file = join(folder, `debian-${KEY.build}.raw`);
    await writeFile(file, 'data');
    await writeFile(`${file}.md5`, `${'a'.repeat(32)}  file\n`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  let uploader: ImageUploader;
  function run(hook = '', isMissing = true, stop = new AbortController()): Promise<UploadResult> {
    const { clock, client, store } = world;
    const config = good(`
diskimages: [{name: debian, metadata: {kind: test}}]
providers:
  - name: cloud
    cloud: c
    image-name-format: '{image_name}-{upload_id}-{timestamp}'
    post-upload-hook: '${hook}'
    diskimages: [{name: debian}]
    pools: []
`);
    const context: BuilderContext = {
      ...{ images: store.images, work, clock, log: silentLogger, host: 'h', builderId: 'id' },
      metrics,
    };
    uploader = new ImageUploader(context, { client, folder: new ImageFolder(folder) });
    const cloud: ImageStore = {
      format: 'raw',
      upload: (upload, signal) => {
        uploads.push(upload);
        return send(upload, signal);
      },
      delete: (id) => {
        deleted.push(id);
        return Promise.resolve();
      },
      list: () => Promise.resolve([]),
    };
    const image = config.diskimages.get('debian');
    const provider = config.providers.get('cloud');
    assert.ok(image && provider);
    const job = { key: KEY, image, provider, store: cloud, isMissing: () => isMissing };
    return uploader.run(job, stop.signal);
  }

  const record = (number = '0000000001'): unknown =>
    world.read(`${PATH}/providers/cloud/images/${number}`);
  const states = () => [...world.store.images.uploads.values()].map((one) => one.record.state);
  const isFree = async (): Promise<boolean> => {
    const held = await work.lockUploads(KEY, 'cloud');
    await held?.release();
    return held !== undefined;
  };

  it('ends with a record as the original writes it, and the lock given back', async () => {
    assert.deepEqual(await run(), { kind: 'ready', externalId: 'cloud-id' });
    const [upload] = uploads;
    const now = world.clock.now() / 1000;
    const name = `debian-0000000001-${Math.floor(now)}`;
    assert.deepEqual(record(), {
      ...{ state: 'ready', state_time: now, external_id: 'cloud-id', external_name: name },
      ...{ format: 'raw', username: 'zuul', python_path: 'auto', shell_type: null },
    });
    assert.equal(upload?.name, name);
    assert.deepEqual(upload.checksums, { md5: 'a'.repeat(32), sha256: undefined });
    assert.deepEqual(upload.metadata, {
      kind: 'test',
      nodepool_build_id: KEY.build,
      nodepool_upload_id: '0000000001',
      nodepool_provider_name: 'cloud',
    });
    assert.ok(await isFree());
  });

  it('is counted and timed when it has gone well, and not else', async () => {
    const updates = (): string[] => metrics.lines.filter((one) => one.includes('image_update'));
    send = () => Promise.reject(new Error('no'));
    await run();
    assert.deepEqual(updates(), []);
    send = async () => {
      await world.clock.advance(1500);
      return 'cloud-id';
    };
    await run();
    const key = 'nodepool.image_update.debian.cloud';
    assert.deepEqual(updates(), [`${key}:1500|ms`, `${key}:1|c`]);
  });

  it('shows how far it is, and lets nobody else upload meanwhile', async () => {
    send = async ({ onProgress }) => {
      await world.clock.advance(1000);
      onProgress?.(25, 100);
      const [running] = uploader.running();
      assert.deepEqual([running?.upload, running?.progress.percent], ['0000000001', 25]);
      assert.deepEqual([states(), await isFree()], [['uploading'], false]);
      return 'cloud-id';
    };
    assert.equal((await run()).kind, 'ready');
    assert.deepEqual(uploader.running(), []);
  });

  it('is not begun where it is not missing any more, or the build is gone', async () => {
    assert.deepEqual(await run('', false), { kind: 'not-needed' });
    await work.removeBuild(KEY);
    assert.deepEqual(await run(), { kind: 'not-needed' });
    assert.deepEqual([uploads.length, states()], [0, []]);
    assert.equal(await world.other.exists(PATH), undefined);
  });

  it('fails where the cloud fails, or the file is gone', async () => {
    send = () => Promise.reject(new Error('no'));
    assert.equal((await run()).kind, 'failed');
    await rm(join(folder, `debian-${KEY.build}.raw`));
    assert.equal((await run()).kind, 'failed');
    assert.deepEqual([states(), uploads.length, await isFree()], [['failed', 'failed'], 1, true]);
    assert.deepEqual(deleted, [], 'a store takes back what it could not finish');
  });

  it('fails where the hook fails, and the image goes', async () => {
    assert.equal((await run('/bin/false')).kind, 'failed');
    assert.deepEqual([deleted, states()], [['cloud-id'], ['failed']]);
    assert.equal((await run('/bin/true')).kind, 'ready');
  });

  it('is ended when the builder stops, or its session ends', async () => {
    send = (_, signal) =>
      new Promise((_resolve, reject) => {
        onAbort(signal, () => {
          reject(abortReason(signal));
        });
      });
    const untilSent = async (count: number): Promise<void> => {
      while (uploads.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const stop = new AbortController();
    const stopped = run('', true, stop);
    await untilSent(1);
    stop.abort();
    assert.equal((await stopped).kind, 'failed');
    assert.deepEqual(states(), ['failed']);
    const lost = run();
    await untilSent(2);
    world.client.expire();
    assert.equal((await lost).kind, 'failed');
  });
});

describe('the name of an upload', () => {
  it('has what the format asks for', () => {
    const ids = { buildId: 'b1', uploadId: '0000000007' };
    const parts = { imageName: 'debian', ...ids, timestamp: 12 };
    assert.equal(uploadName('x{image_name}-{timestamp}', parts), 'xdebian-12');
    assert.equal(uploadName('np{upload_id}{what}', parts), 'np0000000007{what}');
    assert.equal(uploadName('{build_id}-{upload_id}', parts), 'b1-0000000007');
  });

  it('has tags that stand over what the image says', () => {
    const ids = { provider: 'p', build: 'b', upload: 'u' };
    const own = { nodepool_build_id: 'x', flag: true, none: null, list: [1] };
    assert.deepEqual(uploadMetadata(own, ids), {
      ...{ flag: 'True', none: '', list: '[1]' },
      ...{ nodepool_build_id: 'b', nodepool_upload_id: 'u', nodepool_provider_name: 'p' },
    });
  });
});
