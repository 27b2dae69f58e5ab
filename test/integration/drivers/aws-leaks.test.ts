/**
 * What outlives its node, or the upload of its image, in AWS, or looks as if it did: a launcher finds the
 * former, deletes it though calls go wrong, and leaves the latter alone.
 */
import assert from 'node:assert/strict';

import type { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { objectKey } from '../../../shared/drivers/aws/image-names.ts';
import { uploadsPath } from '../../../shared/store/paths.ts';
import { AwsSite, awsProvider, PROVIDER } from '../../support/aws-site.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';

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
function leaveBehind(cloud: AwsCloud): void {
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
function plantLookAlikes(cloud: AwsCloud): void {
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
}

/** Calls of the search, and of deletions. */
const SEARCH = [
  ...['DescribeInstances', 'DescribeHosts', 'DescribeVolumes', 'DescribeImages'],
  ...['DescribeSnapshots', 'DescribeImportImageTasks', 'DescribeImportSnapshotTasks'],
  ...['ListObjectsV2', 'ListMultipartUploads', 'GetObjectTagging'],
];
const DELETE = [
  ...['TerminateInstances', 'ReleaseHosts', 'DeleteVolume', 'DeregisterImage', 'DeleteSnapshot'],
  ...['DeleteObject', 'AbortMultipartUpload'],
];

describe('leaks of the aws driver in a launcher', () => {
  let site: AwsSite;
  beforeEach(async () => {
    site = await AwsSite.open({ importSeconds: 0.2 });
  });
  afterEach(() => site.close());

  const run = (steps: (scene: Scene) => Promise<void>): Promise<void> =>
    site.play(
      async (scene) => {
        const at = uploadsPath({ image: 'debian', build: BUILD }, PROVIDER);
        await scene.zuul.client.ensurePath(at);
        const record = { state_time: 1, external_id: null, username: 'zuul' };
        const ready = JSON.stringify({ ...record, state: 'ready' });
        await scene.zuul.client.create(`${at}/0000000001`, Buffer.from(ready));
        const sending = JSON.stringify({ ...record, state: 'uploading' });
        await scene.zuul.client.create(`${at}/0000000002`, Buffer.from(sending));
        await steps(scene);
      },
      {
        providers: [awsProvider({ labels: { small: {}, alone: { 'dedicated-host': true } } })],
        intervals: { cleanup: 0.1 },
      },
    );

  /** Until no import runs: they make more. */
  const untilImported = (): Promise<void> =>
    eventually(() => {
      assert.equal(site.cloud.counts.tasks, 0);
    });

  /** Until only this is left, and still is after enough looks to find and delete more. */
  const untilOnly = async (kept: AwsCloud['counts']): Promise<void> => {
    const { cloud } = site;
    const looks = (): number => cloud.calls.filter((call) => call === 'DescribeSnapshots').length;
    await eventually(() => {
      assert.deepEqual(cloud.counts, kept);
    });
    const before = looks();
    await eventually(() => {
      assert.ok(looks() >= before + 4);
    });
    assert.deepEqual(cloud.counts, kept);
  };

  it('are found and deleted; what is of others and of nodes and uploads that live stays', () =>
    run(async ({ zuul, own }) => {
      await zuul.ask(['small', 'alone']);
      plantLookAlikes(site.cloud);
      await untilImported();
      const kept = site.cloud.counts;
      leaveBehind(site.cloud);
      await untilOnly(kept);
      const kinds = own.lines
        .filter((line) => line.includes('leaked resource deleted'))
        .map((line) => /"kind":"([^"]+)"/.exec(line)?.[1] ?? '');
      for (const kind of ['instances', 'hosts', 'volumes', 'amis', 'snapshots', 'objects'])
        assert.ok(kinds.includes(kind), `${kind} are among ${kinds.join()}`);
      // What cannot be deleted may not have been tried.
      assert.deepEqual(
        own.lines.filter((line) => line.includes('leaked resource not deleted')),
        [],
      );
    }));

  it('are found where a second instance, or a host, of a node that lives is left', () =>
    run(async ({ zuul }) => {
      const { nodes } = await zuul.ask(['alone']);
      const kept = site.cloud.counts;
      const [node = ''] = nodes;
      site.cloud.plant.instance({ tags: nodeTags(PROVIDER, node) });
      site.cloud.plant.host({ tags: nodeTags(PROVIDER, node) });
      await untilOnly(kept);
    }));

  for (const mode of ['fail', 'hang', 'lose'] as const)
    it(`are deleted though each call goes wrong: ${mode}`, () =>
      run(async () => {
        const { cloud } = site;
        const kept = cloud.counts;
        for (const call of SEARCH) cloud.arm({ call, mode });
        // Three times is for good, for this time.
        for (const call of DELETE) cloud.arm({ call, mode, times: mode === 'lose' ? 3 : 1 });
        leaveBehind(cloud);
        await untilOnly(kept);
        await eventually(() => {
          assert.equal(cloud.armed, 0);
        });
      }));
});
