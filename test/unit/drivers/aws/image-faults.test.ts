/**
 * Each call of an upload goes wrong once, in each way: the upload succeeds or fails cleanly, and what a
 * killed one leaves is found by its tags.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isCloudError } from '../../../../shared/base/errors.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { isOfSameUpload } from '../../../../shared/drivers/aws/image-names.ts';
import {
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
  type StoreSubject,
} from './image-subject.ts';

/** Some blocks of EBS direct, or one part to S3. */
const SMALL = Buffer.alloc((1 << 20) + 5, 'disk');
/** Two parts to S3. */
const LARGE = Buffer.alloc((8 << 20) + 5, 'disk');
const PARTED = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'];
const MODES = ['fail', 'hang', 'lose', 'reset'] as const;

const CALLS: Readonly<Record<Method, readonly string[]>> = {
  snapshot: [
    ...['PutObject', 'ImportSnapshot', 'DescribeImportSnapshotTasks', 'CreateTags', 'DeleteObject'],
    ...['ListMultipartUploads', 'RegisterImage', 'DescribeImages'],
  ],
  image: [
    ...['PutObject', 'ImportImage', 'DescribeImportImageTasks', 'CreateTags', 'DeleteObject'],
    ...['ListMultipartUploads', 'DescribeImages'],
  ],
  'ebs-direct': [
    ...['StartSnapshot', 'PutSnapshotBlock', 'CompleteSnapshot', 'RegisterImage', 'DescribeImages'],
  ],
};

describe('an upload to AWS of which a call goes wrong', function () {
  this.timeout(60_000);
  let folder = '';
  before(async () => {
    await begin();
    folder = await mkdtemp(join(tmpdir(), 'aws-images-'));
    await writeFile(join(folder, 'small'), SMALL);
    await writeFile(join(folder, 'large'), LARGE);
  });
  after(() => rm(folder, { recursive: true }));

  const uploadBy = (method: Method, call: string): ImageUpload =>
    PARTED.includes(call)
      ? uploadOf(join(folder, 'large'), LARGE, method)
      : uploadOf(join(folder, 'small'), SMALL, method);
  const dataOf = ({ cloud }: StoreSubject, id: string): Buffer => {
    const [mapping] = cloud.images.image(id).mappings;
    return cloud.images.snapshot(mapping?.snapshotId ?? '').data ?? Buffer.alloc(0);
  };

  for (const method of METHODS) {
    it(`makes these calls: ${method}`, async () => {
      const { clock, cloud, store } = storeSubject();
      await turned(clock, store.upload(uploadBy(method, ''), never()));
      assert.deepEqual([...new Set(cloud.calls)], CALLS[method]);
    });

    const calls = [...CALLS[method], ...(method === 'snapshot' ? PARTED : [])];
    for (const call of calls)
      for (const mode of MODES)
        it(`arrives nevertheless, and once: ${method}, ${call}, ${mode}`, async () => {
          const subject = storeSubject();
          const { clock, cloud, store } = subject;
          cloud.arm({ call, mode });
          const id = await turned(clock, store.upload(uploadBy(method, call), never()));
          assert.equal(cloud.armed, 0);
          assert.deepEqual(madeIn(subject), ONE_IMAGE);
          const bytes = PARTED.includes(call) ? LARGE : SMALL;
          assert.ok(dataOf(subject, id).subarray(0, bytes.length).equals(bytes));
          await turned(clock, store.delete(id, never()));
          assert.deepEqual(madeIn(subject), NOTHING);
        });

    for (const call of calls)
      it(`leaves nothing where that is refused: ${method}, ${call}`, async () => {
        const subject = storeSubject();
        const { clock, cloud, store } = subject;
        cloud.arm({ call, mode: 'fail', status: 403, code: 'UnauthorizedOperation' });
        const uploading = turned(clock, store.upload(uploadBy(method, call), never()));
        // What costs nothing but a leftover is no reason to send all of it again.
        if (
          ['CreateTags', 'DeleteObject', 'ListMultipartUploads', 'DescribeImages'].includes(call)
        ) {
          await uploading;
          return;
        }
        await assert.rejects(uploading, isCloudError);
        assert.deepEqual(madeIn(subject), NOTHING);
      });

    for (const call of calls)
      it(`leaves nothing where the upload is broken off: ${method}, ${call}`, async () => {
        const subject = storeSubject();
        const { clock, cloud, store } = subject;
        const controller = new AbortController();
        cloud.onCall = (name) => {
          if (name === call) controller.abort();
        };
        const uploading = turned(clock, store.upload(uploadBy(method, call), controller.signal));
        await assert.rejects(uploading, { code: 'NP_ABORTED' });
        assert.deepEqual(madeIn(subject), NOTHING);
      });

    for (const call of calls)
      for (const isDone of [true, false])
        it(`leaves what its tags tell if the builder dies: ${method}, ${call}, ${isDone ? 'done' : 'not done'}`, async () => {
          const subject = storeSubject();
          const { clock, cloud, services, store } = subject;
          cloud.onCall = (name) => {
            if (name === call) services.close();
          };
          cloud.arm({ call, mode: isDone ? 'lose' : 'reset' });
          await assert.rejects(turned(clock, store.upload(uploadBy(method, call), never())));
          cloud.onCall = undefined;
          cloud.disarm();
          // What AWS has begun it finishes.
          await clock.advance(60_000);
          const next = subject.open();
          for (const { externalId, metadata } of await turned(clock, next.store.list(never())))
            if (isOfSameUpload(metadata, METADATA))
              await turned(clock, next.store.delete(externalId, never()));
          assert.deepEqual(madeIn(subject), NOTHING);
        });
  }
});
