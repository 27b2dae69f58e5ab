import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BUCKET } from '../../../../fixtures/aws-cloud/storage/buckets.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { imageJob } from '../../../../shared/drivers/aws/image-job.ts';
import { registerRequest } from '../../../../shared/drivers/aws/image-register.ts';
import {
  imageSection,
  begin,
  madeIn,
  METADATA,
  METHODS,
  never,
  NOTHING,
  ONE_IMAGE,
  storeSubject,
  turned,
  uploadOf,
  type Method,
  type StoreOptions,
} from './image-subject.ts';

const BLOCK = 512 * 1024;
const KEY = 'nodepool/aws/0000000007/0000000001/debian-1700000000.raw';
/** What Python Nodepool does not call where it uploads. */
const OURS_ALONE = [
  ...['DescribeImages', 'ListMultipartUploads', 'ListObjectsV2', 'CancelImportTask'],
];
/** Two blocks of data around two of zeros, and a little more. */
const BYTES = Buffer.concat([
  ...[Buffer.alloc(BLOCK, 'disk'), Buffer.alloc(2 * BLOCK), Buffer.alloc(BLOCK, 'more')],
  Buffer.from('end'),
]);

describe('AwsImageStore', function () {
  this.timeout(60_000);
  let folder = '';
  let file = '';
  before(async () => {
    await begin();
    folder = await mkdtemp(join(tmpdir(), 'aws-store-'));
    file = join(folder, 'image');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  function subject(method: Method, options: StoreOptions = {}) {
    const made = storeSubject(options);
    const upload = (changes: object = {}, section: object = {}) =>
      turned(
        made.clock,
        made.store.upload(
          uploadOf(file, BYTES, method, { image: imageSection(method, section), ...changes }),
          never(),
        ),
      );
    const snapshotOf = (imageId: string) => {
      const [mapping] = made.cloud.images.image(imageId).mappings;
      return made.cloud.images.snapshot(mapping?.snapshotId ?? '');
    };
    return { ...made, upload, snapshotOf, made: () => madeIn(made) };
  }

  for (const method of METHODS) {
    it(`puts its tags on all that it makes, and tells how far it is: ${method}`, async () => {
      const { clock, cloud, upload, snapshotOf, store } = subject(method);
      const told: number[] = [];
      const tags = { ...METADATA, team: 'infra' };
      const seen: object[] = [];
      cloud.onCall = () => {
        const [task] = cloud.imports.running;
        if (task) seen.push(task.tags, cloud.buckets.object(BUCKET, KEY)?.tags ?? {});
      };
      const id = await upload(
        {
          onProgress: (sent: number, total: number) => {
            assert.equal(total, BYTES.length);
            told.push(sent);
          },
        },
        { tags: { team: 'infra' } },
      );
      assert.equal(seen.length > 0, method !== 'ebs-direct');
      for (const one of seen) assert.deepEqual(one, tags);
      assert.deepEqual(cloud.images.image(id).tags, tags);
      assert.deepEqual(snapshotOf(id).tags, tags);
      assert.equal(told.at(-1), BYTES.length);
      const listed = await turned(clock, store.list(never()));
      const own = listed.filter(({ metadata }) => metadata.nodepool_build_id === '0000000007');
      assert.deepEqual(
        own.map(({ externalId, metadata }) => [externalId, metadata.team]),
        [[id, 'infra']],
      );
    });

    it(`leaves nothing of a file that is not the one that was built: ${method}`, async () => {
      const { cloud, upload, made } = subject(method);
      const isFatal = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_FATAL');
      await assert.rejects(upload({ checksums: { sha256: '0123' } }), isFatal);
      assert.deepEqual(made(), NOTHING);
      assert.ok(!cloud.calls.some((call) => /^(Import|Register|Complete)/.test(call)));
    });

    it(`waits for what AWS is late in showing: ${method}`, async () => {
      const { upload, made, store, clock } = subject(method, { lagSeconds: 7 });
      const id = await upload();
      assert.deepEqual(made(), ONE_IMAGE);
      await turned(clock, store.delete(id, never()));
      assert.deepEqual(made(), NOTHING);
    });

    it(`needs no permission that Python Nodepool's uploads do not need: ${method}`, async () => {
      const { cloud, upload, made } = subject(method);
      for (const call of OURS_ALONE) cloud.denied.add(call);
      await upload();
      assert.deepEqual(made(), ONE_IMAGE);
    });

    it(`makes nothing of a file that is not there: ${method}`, async () => {
      const { cloud, upload } = subject(method);
      await assert.rejects(upload({ file: join(folder, 'none') }), { code: 'ENOENT' });
      assert.deepEqual(cloud.calls, []);
    });
  }

  // An encrypted volume does not read as zeros where nothing was written.
  it('sends every block, also those of zeros, and the last one filled up', async () => {
    const { cloud, upload, snapshotOf } = subject('ebs-direct');
    const id = await upload();
    assert.equal(cloud.calls.filter((call) => call === 'PutSnapshotBlock').length, 5);
    const { data, sizeGib } = snapshotOf(id);
    assert.equal(sizeGib, 1);
    assert.ok(data?.equals(Buffer.concat([BYTES, Buffer.alloc(BLOCK - 3)])));
  });

  it('makes the AMI as the section says', async () => {
    const { cloud, upload } = subject('snapshot');
    const id = await upload(
      {},
      {
        ...{ architecture: 'arm64', enaSupport: false, volumeSize: 40, volumeType: 'gp3' },
        ...{ iops: 4000, throughput: 200, imdsSupport: 'v2.0' },
      },
    );
    const { architecture, hasEna, imdsSupport, name, rootDevice, mappings } =
      cloud.images.image(id);
    assert.deepEqual(
      { architecture, hasEna, imdsSupport, name, rootDevice },
      {
        ...{ architecture: 'arm64', hasEna: false, imdsSupport: 'v2.0' },
        ...{ name: 'debian-1700000000', rootDevice: '/dev/sda1' },
      },
    );
    const [mapping] = mappings;
    assert.deepEqual(
      { ...mapping, snapshotId: '' },
      {
        ...{ device: '/dev/sda1', snapshotId: '', sizeGib: 40, type: 'gp3', iops: 4000 },
        ...{ throughput: 200, deleteOnTermination: true },
      },
    );
  });

  it('asks for the architecture of an image that AWS makes', async () => {
    const { cloud, upload } = subject('image');
    const id = await upload({}, { architecture: 'arm64' });
    assert.equal(cloud.images.image(id).architecture, 'arm64');
  });

  for (const format of ['vhd', 'vhdx', 'vmdk', 'ova'])
    it(`says what the file is: ${format}`, async () => {
      const { cloud, store, upload } = subject('image', { format });
      assert.equal(store.format, format);
      await upload();
      assert.equal(cloud.imports.tasks.all()[0]?.format, format);
    });

  it('writes no blocks of what is no plain disk', async () => {
    const { upload, made } = subject('ebs-direct', { format: 'vmdk' });
    await assert.rejects(upload(), { code: 'NP_CLOUD_FATAL', hint: /raw/ });
    assert.deepEqual(made(), NOTHING);
  });

  it('imports nothing without a bucket, and needs none for blocks', async () => {
    const without = subject('snapshot', { bucket: undefined });
    await assert.rejects(without.upload(), { code: 'NP_CLOUD_FATAL', hint: /object-storage/ });
    const blocks = subject('ebs-direct', { bucket: undefined });
    await blocks.upload();
    assert.ok(!blocks.cloud.calls.some((call) => call.includes('Object')));
  });

  it('leaves the size to AWS where none is configured, and what is 0', () => {
    const section = imageSection('snapshot', { volumeSize: undefined, iops: 0, throughput: 0 });
    const job = imageJob(uploadOf(file, BYTES, 'snapshot', { image: section }), 'raw', 5);
    const { BlockDeviceMappings, ImdsSupport } = registerRequest(job, 'snap-1');
    assert.deepEqual(BlockDeviceMappings, [
      {
        DeviceName: '/dev/sda1',
        Ebs: { DeleteOnTermination: true, SnapshotId: 'snap-1', VolumeType: 'gp3' },
      },
    ]);
    assert.ok(ImdsSupport === undefined);
  });

  it('does not take the image of another upload for its own', async () => {
    const { cloud, upload, made } = subject('ebs-direct');
    cloud.images.addImage({ name: 'debian-1700000000', tags: { nodepool_build_id: '6' } });
    cloud.arm({ call: 'RegisterImage', mode: 'reset' });
    await assert.rejects(upload(), { code: 'NP_CLOUD_FATAL', message: /Duplicate/ });
    assert.deepEqual(made(), ONE_IMAGE);
  });

  it('says so where it cannot take back what is left', async () => {
    const { cloud, upload, lines } = subject('ebs-direct');
    cloud.arm({ call: 'RegisterImage', mode: 'fail', status: 400, code: 'InvalidParameter' });
    const refused = { mode: 'fail', status: 403, code: 'UnauthorizedOperation' } as const;
    cloud.arm({ call: 'DeleteSnapshot', ...refused, times: 9 });
    await assert.rejects(upload(), { code: 'NP_CLOUD_FATAL', message: /RegisterImage/ });
    const warnings = lines.filter(({ level }) => level === 'warn');
    assert.deepEqual(
      warnings.map(({ message, fields }) => [message, fields?.image]),
      [['part of a failed upload remains', 'debian-1700000000']],
    );
  });
});
