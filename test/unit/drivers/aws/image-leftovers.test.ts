import assert from 'node:assert/strict';

import { BUCKET } from '../../../../fixtures/aws-cloud/storage/buckets.ts';
import { begin, madeIn, METADATA, never, NOTHING, storeSubject, turned } from './image-subject.ts';

const KEY = 'nodepool/aws/0000000007/0000000001/debian.raw';
const REFUSED = { mode: 'fail', status: 403, code: 'AccessDenied' } as const;

describe('what uploads have left in AWS', function () {
  this.timeout(60_000);
  before(begin);

  function subject(options = {}) {
    const made = storeSubject(options);
    const { clock, cloud, store } = made;
    const list = () => turned(clock, store.list(never()));
    const remove = (id: string) => turned(clock, store.delete(id, never()));
    const found = async () => (await list()).map(({ externalId }) => externalId);
    /** All kinds, of one upload. */
    const leave = () => {
      const { id: snapshot } = cloud.images.addSnapshot({ tags: METADATA });
      const { id: task } = cloud.imports.start({ kind: 'snapshot', tags: METADATA });
      const { id: imageTask } = cloud.imports.start({ kind: 'image', tags: METADATA });
      cloud.buckets.put(BUCKET, KEY, Buffer.from('x'));
      cloud.buckets.begin(BUCKET, KEY.replace('0001/', '0002/'), {});
      return { snapshot, task, imageTask };
    };
    return { ...made, list, remove, found, leave, made: () => madeIn(made) };
  }

  it('is listed with the tags of its upload, after which come images, foreign ones too', async () => {
    const { cloud, list, leave } = subject();
    const { snapshot, task, imageTask } = leave();
    const { id: image } = cloud.images.addImage({ name: 'somebody', tags: { owner: 'x' } });
    const second = { ...METADATA, nodepool_upload_id: '0000000002' };
    assert.deepEqual(await list(), [
      { externalId: task, name: null, metadata: METADATA },
      { externalId: imageTask, name: null, metadata: METADATA },
      { externalId: `s3://${BUCKET}/${KEY}`, name: KEY, metadata: METADATA },
      {
        externalId: `s3://${BUCKET}/${KEY.replace('0001/', '0002/')}`,
        ...{ name: KEY.replace('0001/', '0002/'), metadata: second },
      },
      { externalId: snapshot, name: null, metadata: METADATA },
      { externalId: image, name: 'somebody', metadata: { owner: 'x' } },
    ]);
  });

  it('is deleted, each kind in its way, and gone is gone', async () => {
    const { found, remove, leave, made } = subject();
    leave();
    const ids = await found();
    assert.equal(ids.length, 5);
    for (const id of [...ids, ...ids]) await remove(id);
    assert.deepEqual(made(), NOTHING);
  });

  for (const kind of ['snapshot', 'image'] as const)
    it(`has the tags of the import that made it, and goes with it: ${kind}`, async () => {
      const { cloud, clock, list, remove, made } = subject();
      cloud.buckets.put(BUCKET, KEY, Buffer.from('x'));
      const task = cloud.imports.start({ kind, bucket: BUCKET, key: KEY, tags: METADATA });
      await clock.advance(60_000);
      const all = await list();
      assert.deepEqual(
        all.map(({ metadata }) => metadata),
        [METADATA, METADATA],
      );
      // Whoever cancels it comes too late.
      await remove(task.id);
      await remove(`s3://${BUCKET}/${KEY}`);
      assert.deepEqual(made(), NOTHING);
    });

  for (const [what, KEY_OF_OTHER] of [
    ['whose key is longer', `${KEY}.more`],
    ['of another provider', KEY.replace('/aws/', '/aws-two/')],
    ['of nobody', 'debian.raw'],
  ] as const)
    it(`is not an object ${what}`, async () => {
      const { cloud, found, remove } = subject();
      cloud.buckets.begin(BUCKET, KEY, {});
      cloud.buckets.begin(BUCKET, KEY_OF_OTHER, {});
      cloud.buckets.put(BUCKET, KEY_OF_OTHER, Buffer.from('x'));
      await remove(`s3://${BUCKET}/${KEY}`);
      assert.equal(cloud.counts.uploads, 1);
      assert.equal(cloud.counts.objects, 1);
      const listed = await found();
      assert.equal(listed.length, what === 'whose key is longer' ? 1 : 0);
    });

  it('is a snapshot that counts as used for a moment after its image is gone', async () => {
    const { cloud, remove, made } = subject();
    const { id } = cloud.images.addImage({ tags: METADATA });
    const inUse = { mode: 'fail', status: 400, code: 'InvalidSnapshot.InUse' } as const;
    cloud.arm({ call: 'DeleteSnapshot', ...inUse, times: 7 });
    await remove(id);
    assert.deepEqual(made(), NOTHING);
    assert.equal(cloud.armed, 0);
  });

  it('stays where AWS does not let it be deleted, and an error says so', async () => {
    const { cloud, remove, leave } = subject();
    const { snapshot } = leave();
    cloud.arm({ call: 'DeleteSnapshot', ...REFUSED });
    await assert.rejects(remove(snapshot), { code: 'NP_CLOUD_FATAL' });
  });

  it('is an import that ends by itself where it may not be cancelled', async () => {
    const { clock, cloud, remove, found, lines } = subject();
    cloud.buckets.put(BUCKET, KEY, Buffer.from('x'));
    const task = cloud.imports.start({ kind: 'image', bucket: BUCKET, key: KEY, tags: METADATA });
    cloud.arm({ call: 'CancelImportTask', ...REFUSED, times: 2 });
    for (let times = 0; times < 2; times++) await remove(task.id);
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['an import cannot be cancelled'],
    );
    await clock.advance(60_000);
    const [, image] = await found();
    assert.match(image ?? '', /^ami-/);
  });

  for (const call of [
    ...['DescribeSnapshots', 'DescribeImportSnapshotTasks', 'DescribeImportImageTasks'],
    ...['ListObjectsV2', 'ListMultipartUploads'],
  ])
    it(`is listed as far as we may see it: without ${call}`, async () => {
      const { cloud, found, leave, lines } = subject();
      leave();
      cloud.arm({ call, ...REFUSED, times: 2 });
      const seen = await found();
      assert.equal(seen.length, call === 'ListObjectsV2' ? 3 : 4);
      assert.deepEqual(await found(), seen);
      assert.equal(lines.length, 1);
    });

  it('is listed though it takes several pages', async () => {
    const { cloud, found } = subject({ pageSize: 2 });
    for (let at = 0; at < 5; at++) {
      cloud.buckets.begin(BUCKET, KEY.replace('debian', `begun-${at}`), {});
      cloud.buckets.put(BUCKET, KEY.replace('debian', `sent-${at}`), Buffer.from('x'));
      cloud.images.addSnapshot({ tags: METADATA });
    }
    assert.equal((await found()).length, 15);
  });

  it('is not listed in part where AWS stumbles', async () => {
    const { cloud, list } = subject();
    cloud.arm({ call: 'DescribeSnapshots', mode: 'fail', times: 3 });
    await assert.rejects(list(), { code: 'NP_CLOUD_TRANSIENT' });
  });
});
