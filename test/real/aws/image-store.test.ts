/** The image store by each way to import, each call of which goes wrong, by the official SDK, against moto. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startAwsProxy, type AwsProxy } from '../../../fixtures/proxy/aws-proxy.ts';
import type { ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { isCloudError } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { AwsServices } from '../../../shared/drivers/aws/client/services.ts';
import { tagRecord } from '../../../shared/drivers/aws/client/tags.ts';
import { AwsImageStore } from '../../../shared/drivers/aws/image-store.ts';
import { CREDENTIALS, motoOrSkip, type Moto } from './moto.ts';

const BUCKET = 'images-of-image-store-test';
const BLOCK = 524_288;
/** Blocks of data and of zeros, and a little more: two parts to S3. */
const BYTES = Buffer.concat([
  ...[Buffer.alloc(BLOCK, 'disk'), Buffer.alloc(16 * BLOCK), Buffer.alloc(BLOCK, 'more')],
  Buffer.from('end'),
]);
const METHODS = ['snapshot', 'image', 'ebs-direct'] as const;
type Method = (typeof METHODS)[number];

/** Those of an upload, as the proxy names them. */
const CALLS: Readonly<Record<Method, readonly string[]>> = {
  snapshot: [
    ...['POST s3', 'PUT s3', 'DELETE s3', 'GET s3', 'ImportSnapshot', 'CreateTags'],
    ...['DescribeImportSnapshotTasks', 'RegisterImage', 'DescribeImages'],
  ],
  image: [
    ...['POST s3', 'PUT s3', 'DELETE s3', 'GET s3', 'ImportImage', 'CreateTags'],
    ...['DescribeImportImageTasks', 'DescribeImages'],
  ],
  'ebs-direct': [
    ...['StartSnapshot', 'PutSnapshotBlock', 'CompleteSnapshot', 'RegisterImage'],
    'DescribeImages',
  ],
};
/** What goes wrong for good with each method. */
const LAST: Readonly<Record<Method, string>> = {
  ...{ snapshot: 'RegisterImage', image: 'ImportImage', 'ebs-direct': 'CompleteSnapshot' },
};

describe('our store of images in AWS, by its SDK', function () {
  this.timeout(300_000);
  const signal = new AbortController().signal;
  let folder = '';
  let moto: Moto;
  let proxy: AwsProxy;
  let services: AwsServices;
  let store: AwsImageStore;
  const closers: (() => Promise<void>)[] = [];
  before(async function () {
    moto = await motoOrSkip(this);
    proxy = await startAwsProxy(moto.url);
    folder = await mkdtemp(join(tmpdir(), 'nodepool-images-'));
    await writeFile(join(folder, 'image'), BYTES);
    services = moto.services({ endpoint: proxy.url });
    closers.push(async () => {
      services.close();
      await proxy.close();
      await rm(folder, { recursive: true });
    });
    const { S3 } = await import('@aws-sdk/client-s3');
    const s3 = new S3({ ...access(), forcePathStyle: true });
    const place = { LocationConstraint: 'us-west-2' as const };
    await s3.createBucket({ Bucket: BUCKET, CreateBucketConfiguration: place });
    s3.destroy();
    let tokens = 0;
    const config = { name: 'one', options: { bucketName: BUCKET, imageFormat: 'raw' } };
    store = new AwsImageStore({
      ...{ services, config: config as unknown as ProviderConfig, clock: systemClock },
      ...{ random: Math.random, log: silentLogger, pollSeconds: 0.05 },
      newToken: () => `image-test-${++tokens}`,
    });
  });
  after(async () => {
    for (const close of closers) await close();
  });
  const access = () => ({ region: moto.region, endpoint: moto.url, credentials: CREDENTIALS });

  let uploads = 0;
  const metadataOf = (upload: number) => ({
    ...{ nodepool_provider_name: 'one', nodepool_build_id: '7' },
    nodepool_upload_id: String(upload),
  });
  const upload = (method: Method, options: object = {}): Promise<string> => {
    const defaults = { architecture: 'x86_64', enaSupport: true, volumeType: 'gp3' };
    const section = { ...defaults, tags: { team: 'infra' }, importMethod: method, ...options };
    const sha256 = createHash('sha256').update(BYTES).digest('hex');
    return store.upload(
      {
        ...{ name: `debian-${++uploads}`, file: join(folder, 'image'), checksums: { sha256 } },
        ...{ image: { name: 'debian', options: section } as unknown as ProviderImage },
        metadata: metadataOf(uploads),
      },
      signal,
    );
  };
  /** Ids of all that the newest upload has made and left. */
  const ofUpload = async (): Promise<string[]> =>
    (await store.list(signal)).flatMap(({ externalId, metadata }) =>
      metadata.nodepool_upload_id === String(uploads) ? [externalId] : [],
    );
  const isBucketEmpty = async (): Promise<boolean> => {
    const objects = await services.storage.objects(BUCKET, '', signal);
    const multiparts = await services.storage.multiparts(BUCKET, '', signal);
    return objects.length + multiparts.length === 0;
  };

  for (const method of METHODS) {
    it(`are images with their tags, and go with their snapshots: ${method}`, async () => {
      const { images } = services;
      const id = await upload(method, method === 'image' ? {} : { volumeSize: 20, iops: 3500 });
      const image = await images.image(id, signal);
      const { SnapshotId: snapshotId = '', ...ebs } = image?.BlockDeviceMappings?.[0]?.Ebs ?? {};
      const snapshot = await images.snapshot(snapshotId, signal);
      const tags = { team: 'infra', ...metadataOf(uploads) };
      assert.deepEqual([tagRecord(image?.Tags), tagRecord(snapshot?.Tags)], [tags, tags]);
      assert.equal(image?.Architecture, 'x86_64');
      if (method !== 'image')
        assert.deepEqual([ebs.VolumeSize, ebs.VolumeType, ebs.Iops], [20, 'gp3', 3500]);
      if (method === 'ebs-direct') assert.equal(await written(snapshotId), 19);
      assert.ok(await isBucketEmpty());
      assert.deepEqual(await ofUpload(), [id]);
      await store.delete(id, signal);
      await store.delete(id, signal);
      assert.deepEqual(await ofUpload(), []);
      assert.equal(await images.snapshot(snapshotId, signal), undefined);
    });

    for (const call of CALLS[method])
      it(`arrive once though a call goes wrong: ${method}, ${call}`, async () => {
        for (const mode of ['refuse', 'reset', 'lose'] as const) {
          proxy.add(call, { mode });
          proxy.forget();
          const id = await upload(method);
          assert.ok((proxy.counts()[call] ?? 0) >= 1);
          assert.deepEqual(await ofUpload(), [id]);
          assert.ok(await isBucketEmpty());
          await store.delete(id, signal);
        }
      });

    it(`leave nothing where they fail: ${method}`, async () => {
      proxy.add(LAST[method], { mode: 'refuse', code: 'UnauthorizedOperation', status: 403 });
      await assert.rejects(upload(method), isCloudError);
      assert.deepEqual(await ofUpload(), []);
      assert.ok(await isBucketEmpty());
    });
  }

  for (const method of ['snapshot', 'image'] as const)
    it(`leave nothing where AWS cannot import them: ${method}`, async () => {
      await moto.steer('import', { seconds: 0.2, status: 'deleted' });
      try {
        await assert.rejects(upload(method), /import-\w+-\w+ is deleted: /);
      } finally {
        await moto.steer('import', { seconds: 0, status: 'completed' });
      }
      assert.deepEqual(await ofUpload(), []);
      assert.ok(await isBucketEmpty());
    });

  /** How many blocks the snapshot has, each of which holds what the file has there. */
  async function written(snapshotId: string): Promise<number> {
    const { EBS } = await import('@aws-sdk/client-ebs');
    const ebs = new EBS(access());
    const { Blocks = [] } = await ebs.listSnapshotBlocks({ SnapshotId: snapshotId });
    for (const { BlockIndex: index = -1, BlockToken } of Blocks) {
      const request = { SnapshotId: snapshotId, BlockIndex: index, BlockToken };
      const { BlockData } = await ebs.getSnapshotBlock(request);
      const expected = Buffer.alloc(BLOCK);
      BYTES.copy(expected, 0, index * BLOCK);
      assert.ok(expected.equals((await BlockData?.transformToByteArray()) ?? Buffer.alloc(0)));
    }
    ebs.destroy();
    return Blocks.length;
  }
});
