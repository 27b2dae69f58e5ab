/** The AWS in memory for the tests of test/support/cloud-leaks.ts. */
import assert from 'node:assert/strict';
import type { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { objectKey } from '../../../shared/drivers/aws/image-names.ts';
import { uploadsPath } from '../../../shared/store/paths.ts';
import { AwsSite, PROVIDER } from '../aws-site.ts';
import type { LeakyCloud } from '../cloud-leaks.ts';
import { eventually } from '../eventually.ts';
import type { Scene } from '../launcher-scene.ts';

const NOBODY = '0000009999';
const BUILD = 'a3f0c2d4e5b60718293a4b5c6d7e8f90';

type Tags = Record<string, string>;

const nodeTags = (provider: string, node = NOBODY): Tags => ({
  nodepool_provider_name: provider,
  nodepool_pool_name: 'main',
  nodepool_node_id: node,
});

const uploadTags = (number: number, provider = PROVIDER): Tags => ({
  nodepool_provider_name: provider,
  nodepool_build_id: BUILD,
  nodepool_upload_id: String(number).padStart(10, '0'),
});

/** An image and its snapshot; `snapshotTags` where these differ. */
function plantImage({ plant, images }: AwsCloud, tags: Tags, snapshotTags = tags): void {
  const image = images.images.get(plant.image({ tags, name: `image ${JSON.stringify(tags)}` }));
  const snapshot = images.snapshots.get(image?.mappings[0]?.snapshotId ?? '');
  assert.ok(snapshot);
  snapshot.tags = snapshotTags;
}

/** An image or a snapshot of an import, which has the tags. */
function plantImport(cloud: AwsCloud, kind: 'image' | 'snapshot', tags: Tags): void {
  const key = cloud.plant.object(objectKey(tags, `${kind}.raw`), tags);
  cloud.plant.task({ kind, bucket: BUCKET, key, tags });
}

/** One of each kind that is of a node or an upload that is no more. */
function leaveBehind({ cloud }: AwsSite): void {
  const { plant, buckets } = cloud;
  const tags = nodeTags(PROVIDER);
  plant.instance({ tags });
  plant.host({ tags });
  plant.instance({ tags, type: 'm5.large', hostId: plant.host({ tags }) });
  plant.volume({ tags });
  plantImage(cloud, uploadTags(7));
  plant.snapshot({ tags: uploadTags(8) });
  plant.object('of-python.raw', uploadTags(9));
  plantImport(cloud, 'image', uploadTags(10));
  plantImport(cloud, 'snapshot', uploadTags(11));
  buckets.begin(BUCKET, objectKey(uploadTags(12), 'half.raw'), {});
}

/** What is nobody's business but its owners', and what an upload has. */
async function plantLookAlikes({ cloud }: AwsSite): Promise<void> {
  const { plant, buckets } = cloud;
  const tags = nodeTags('another-provider');
  plant.instance({ tags });
  plant.instance({ tags: { owner: 'somebody' } });
  plant.host({ tags });
  plant.volume({ tags });
  plant.volume({ tags: { nodepool_provider_name: PROVIDER } });
  const foreign = uploadTags(7, 'another-provider');
  plantImage(cloud, foreign);
  plantImage(cloud, {});
  // Ours, but somebody has made an image of it.
  plantImage(cloud, { owner: 'somebody' }, uploadTags(8));
  plant.snapshot({ tags: { owner: 'somebody' } });
  plant.object('backup.raw', { owner: 'somebody' });
  plant.object(objectKey(foreign, 'theirs.raw'));
  plantImport(cloud, 'image', foreign);
  buckets.begin(BUCKET, objectKey(foreign, 'half.raw'), {});
  plantImage(cloud, uploadTags(1));
  plant.object(objectKey(uploadTags(1), 'ours.raw'));
  plantImport(cloud, 'snapshot', uploadTags(2));
  // They make more.
  await eventually(() => {
    assert.equal(cloud.counts.tasks, 0);
  });
}

/** Records of two uploads that live. */
async function recordUploads({ zuul: { client } }: Scene): Promise<void> {
  const at = uploadsPath({ image: 'debian', build: BUILD }, PROVIDER);
  await client.ensurePath(at);
  const record = { state_time: 1, external_id: null, username: 'zuul' };
  const ready = JSON.stringify({ ...record, state: 'ready' });
  await client.create(`${at}/0000000001`, Buffer.from(ready));
  const sending = JSON.stringify({ ...record, state: 'uploading' });
  await client.create(`${at}/0000000002`, Buffer.from(sending));
}

export const AWS_LEAKS: LeakyCloud<AwsSite> = {
  driver: 'aws',
  open: () => AwsSite.open({ importSeconds: 0.2 }),
  provider: { labels: { small: {}, alone: { 'dedicated-host': true } } },
  prepare: recordUploads,
  labels: ['small', 'alone'],
  leaveBehind,
  plantLookAlikes,
  plantSecond: ({ cloud: { plant } }, node) => {
    plant.instance({ tags: nodeTags(PROVIDER, node) });
    plant.host({ tags: nodeTags(PROVIDER, node) });
  },
  census: ({ cloud }) => cloud.counts,
  search: [
    ...['DescribeInstances', 'DescribeHosts', 'DescribeVolumes', 'DescribeImages'],
    ...['DescribeSnapshots', 'DescribeImportImageTasks', 'DescribeImportSnapshotTasks'],
    ...['ListObjectsV2', 'ListMultipartUploads', 'GetObjectTagging'],
  ],
  deletion: [
    ...['TerminateInstances', 'ReleaseHosts', 'DeleteVolume', 'DeregisterImage', 'DeleteSnapshot'],
    ...['DeleteObject', 'AbortMultipartUpload'],
  ],
  look: 'DescribeSnapshots',
  looks: 4,
  kinds: ['instances', 'hosts', 'volumes', 'amis', 'snapshots', 'objects'],
};
