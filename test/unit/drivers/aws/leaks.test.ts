import assert from 'node:assert/strict';

import type { AwsCloud } from '../../../../fixtures/aws-cloud/cloud.ts';
import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { BUCKET } from '../../../../fixtures/aws-cloud/storage/buckets.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { Deletions } from '../../../../shared/drivers/aws/deletion.ts';
import { objectKey } from '../../../../shared/drivers/aws/image-names.ts';
import { hostListing, instanceListing } from '../../../../shared/drivers/aws/instance-list.ts';
import { Leaks } from '../../../../shared/drivers/aws/leaks.ts';
import type { LeakableResource } from '../../../../shared/drivers/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const NODE = { nodepool_provider_name: 'aws', nodepool_node_id: '0000000007' };
const UPLOAD = {
  nodepool_provider_name: 'aws',
  nodepool_build_id: 'b',
  nodepool_upload_id: '0000000001',
};

const SECTION = `
name: aws
driver: aws
region-name: us-west-2
rate: 1000
object-storage: {bucket-name: ${BUCKET}}
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    labels: [{name: small, cloud-image: image, key-name: key, instance-type: t3.micro}]
`;

async function subject(options: Partial<AwsCloudOptions> & { hasBucket?: boolean } = {}) {
  const { hasBucket = true, ...rest } = options;
  const { clock, cloud, services, log, warnings } = await servicesSubject(rest);
  const section = hasBucket ? SECTION : SECTION.replace(/^object-storage.*$/m, '');
  const { compute } = services;
  const listing = { compute, clock, pollSeconds: 1 };
  const [instances, hosts] = [instanceListing(listing), hostListing(listing)];
  const leaks = new Leaks({
    ...{ config: providerConfig(section), services, instances, hosts, log },
    deletions: new Deletions({ compute, instances, hosts }),
    volumes: new SharedListing({
      ...{ clock, pollSeconds: 1, list: (signal) => compute.volumes(signal) },
    }),
  });
  const list = () => settleByTurning(clock, leaks.list(never()));
  await list();
  cloud.calls.length = 0;
  return {
    ...{ clock, cloud, warnings, list },
    remove: (one: LeakableResource) => settleByTurning(clock, leaks.delete(one, never())),
  };
}

/** The snapshot that the image was made with, with these tags now. */
function tagSnapshot(cloud: AwsCloud, image: string, tags: Record<string, string>): string {
  const [mapping] = cloud.images.images.get(image)?.mappings ?? [];
  const snapshot = cloud.images.snapshots.get(mapping?.snapshotId ?? '');
  assert.ok(snapshot);
  snapshot.tags = tags;
  return snapshot.id;
}

const of = (all: readonly LeakableResource[], kind: string): string[] =>
  all.filter((one) => one.kind === kind).map(({ id }) => id);

describe('what may be left behind in AWS', () => {
  it('are instances with the tags that they have, whosever they are', async () => {
    const { cloud, list } = await subject();
    const [ours, foreign] = [NODE, {}].map((tags) => cloud.plant.instance({ tags }));
    cloud.plant.instance({ tags: NODE, state: 'shutting-down' });
    const found = (await list()).filter(({ kind }) => kind === 'instances');
    assert.deepEqual(
      new Set(found),
      new Set([
        { kind: 'instances', id: ours, externalId: { instance: ours }, metadata: NODE },
        { kind: 'instances', id: foreign, externalId: { instance: foreign }, metadata: {} },
      ]),
    );
  });

  it('are hosts without instances', async () => {
    const { cloud, list } = await subject();
    const id = cloud.plant.host({ tags: NODE });
    const used = cloud.plant.host({ tags: NODE });
    cloud.plant.instance({ hostId: used, type: 'm5.large' });
    assert.deepEqual(
      (await list()).filter(({ kind }) => kind === 'hosts'),
      [{ kind: 'hosts', id, externalId: { host: id }, metadata: NODE }],
    );
  });

  it('are volumes that no instance has', async () => {
    const { cloud, list } = await subject();
    const left = cloud.plant.volume({ tags: NODE });
    cloud.plant.instance({ tags: NODE });
    assert.deepEqual(of(await list(), 'volumes'), [left]);
  });

  it('are images and snapshots of uploads, images first', async () => {
    const { cloud, list } = await subject();
    const ami = cloud.plant.image({ tags: UPLOAD });
    const snapshot = tagSnapshot(cloud, ami, UPLOAD);
    const alone = cloud.plant.snapshot({ tags: UPLOAD });
    const found = (await list()).filter(({ metadata }) => metadata.nodepool_build_id === 'b');
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['amis', 'snapshots', 'snapshots'],
    );
    assert.deepEqual(of(found, 'amis'), [ami]);
    assert.deepEqual(of(found, 'snapshots').toSorted(), [snapshot, alone].toSorted());
  });

  it('is no snapshot that somebody else’s image is made of', async () => {
    const { cloud, list } = await subject();
    tagSnapshot(cloud, cloud.plant.image({ tags: { owner: 'me' } }), UPLOAD);
    assert.deepEqual(of(await list(), 'snapshots'), []);
  });

  it('are imports that run, and what they make has their tags', async () => {
    const { cloud, list, clock } = await subject({ importSeconds: 60 });
    cloud.plant.object('debian.raw');
    const place = { bucket: BUCKET, key: 'debian.raw' };
    const tasks = (['image', 'snapshot'] as const).map((kind, at) =>
      cloud.plant.task({
        kind,
        ...place,
        tags: { ...UPLOAD, nodepool_upload_id: `000000000${at}` },
      }),
    );
    assert.deepEqual(of(await list(), 'import-tasks').toSorted(), tasks.toSorted());
    await clock.advance(60_000);
    const found = await list();
    assert.deepEqual(of(found, 'import-tasks'), []);
    const made = found.filter(({ kind }) => kind === 'amis' || kind === 'snapshots');
    assert.deepEqual(
      made.map(({ kind, metadata }) => `${kind} ${metadata.nodepool_upload_id ?? ''}`).toSorted(),
      ['amis 0000000000', 'snapshots 0000000000', 'snapshots 0000000001'],
    );
    assert.equal(countOf(cloud, 'CreateTags'), 0);
    await list();
    assert.equal(countOf(cloud, 'CreateTags'), 2);
    await list();
    assert.equal(countOf(cloud, 'CreateTags'), 2);
    const written = made.map(
      ({ id }) => cloud.images.images.get(id) ?? cloud.images.snapshots.get(id),
    );
    assert.ok(written.every((one) => one?.tags.nodepool_build_id === 'b'));
  });

  it('are objects, whose keys or tags tell, and what was sent of them', async () => {
    const { cloud, list } = await subject();
    const ours = cloud.plant.object(objectKey(UPLOAD, 'debian.raw'));
    const pythons = cloud.plant.object('debian-17.raw', UPLOAD);
    cloud.plant.object('readme.txt', UPLOAD);
    const half = objectKey({ ...UPLOAD, nodepool_upload_id: '0000000002' }, 'debian.raw');
    cloud.buckets.begin(BUCKET, half, {});
    cloud.buckets.begin(BUCKET, 'backup.raw', {});
    const found = await list();
    assert.deepEqual(
      found.filter(({ kind }) => kind === 'objects').map(({ id, metadata }) => [id, metadata]),
      [
        [ours, UPLOAD],
        [pythons, UPLOAD],
      ],
    );
    const [multipart, ...others] = found.filter(({ kind }) => kind === 'multiparts');
    assert.equal(multipart?.metadata.nodepool_upload_id, '0000000002');
    assert.deepEqual(others, []);
    await list();
    assert.equal(countOf(cloud, 'GetObjectTagging'), 1);
  });

  it('is deleted, each kind in its way', async () => {
    const { cloud, list, remove } = await subject({ importSeconds: 60 });
    const { plant } = cloud;
    plant.host();
    plant.volume();
    plant.image();
    plant.snapshot();
    plant.object('a.raw');
    plant.instance();
    const kept = cloud.counts;
    plant.instance({ tags: NODE });
    plant.host({ tags: NODE });
    plant.volume({ tags: NODE });
    tagSnapshot(cloud, plant.image({ tags: UPLOAD }), UPLOAD);
    plant.object('b.raw', UPLOAD);
    plant.task({ kind: 'snapshot', tags: UPLOAD });
    cloud.buckets.begin(BUCKET, objectKey(UPLOAD, 'c.raw'), {});
    const ours = (await list()).filter((one) => one.metadata.nodepool_provider_name === 'aws');
    assert.deepEqual(
      [...new Set(ours.map(({ kind }) => kind))],
      [
        'instances',
        'hosts',
        'volumes',
        'import-tasks',
        'amis',
        'snapshots',
        'objects',
        'multiparts',
      ],
    );
    for (const one of ours) await remove(one);
    assert.deepEqual(cloud.counts, kept);
  });

  it('counts as deleted where it is gone already', async () => {
    const { remove } = await subject();
    for (const [kind, id] of [
      ['instances', 'i-0123456789abcdef0'],
      ['hosts', 'h-0123456789abcdef0'],
      ['volumes', 'vol-0123456789abcdef0'],
      ['amis', 'ami-0123456789abcdef0'],
      ['snapshots', 'snap-0123456789abcdef0'],
      ['objects', 'gone.raw'],
      ['multiparts', 'nothing nodepool/aws/b/1/gone.raw'],
      ['import-tasks', 'import-snap-0123456789abcdef0'],
    ] as const)
      await remove({ kind, id, metadata: {} });
  });

  it('is looked for without a bucket, and without asking for what needs one', async () => {
    const { cloud, list } = await subject({ hasBucket: false });
    cloud.plant.object('debian.raw', UPLOAD);
    const ami = cloud.plant.image({ tags: UPLOAD });
    tagSnapshot(cloud, ami, UPLOAD);
    assert.deepEqual(of(await list(), 'amis'), [ami]);
    assert.deepEqual(cloud.calls.toSorted(), [
      ...['DescribeHosts', 'DescribeImages', 'DescribeInstances', 'DescribeSnapshots'],
      'DescribeVolumes',
    ]);
  });

  it('costs a few calls, however much there is', async () => {
    const { cloud, list } = await subject();
    for (let count = 0; count < 300; count++) {
      cloud.plant.instance({ tags: NODE });
      cloud.plant.volume({ tags: NODE });
      cloud.plant.image({ name: `foreign ${count}` });
      cloud.plant.object(`foreign-${count}.txt`);
    }
    await list();
    cloud.calls.length = 0;
    await list();
    assert.deepEqual(cloud.calls.toSorted(), [
      ...['DescribeHosts', 'DescribeImages', 'DescribeImportImageTasks'],
      ...['DescribeImportSnapshotTasks', 'DescribeInstances', 'DescribeSnapshots'],
      ...['DescribeVolumes', 'ListMultipartUploads', 'ListObjectsV2'],
    ]);
  });

  const DENIED = { mode: 'fail', status: 403, code: 'UnauthorizedOperation' } as const;

  for (const [call, hidden] of [
    ['DescribeInstances', ['instances']],
    ['DescribeHosts', ['hosts']],
    ['DescribeVolumes', ['volumes']],
    ['DescribeImages', ['amis', 'snapshots']],
    ['DescribeSnapshots', ['snapshots']],
    ['DescribeImportImageTasks', ['import-tasks']],
    ['DescribeImportSnapshotTasks', ['import-tasks']],
    ['ListObjectsV2', ['objects']],
    ['GetObjectTagging', []],
    ['ListMultipartUploads', ['multiparts']],
  ] as const)
    it(`is found of other kinds where one may not be seen, which is said once: ${call}`, async () => {
      const { cloud, list, warnings } = await subject({ importSeconds: 3600 });
      const { plant } = cloud;
      plant.instance({ tags: NODE });
      plant.host({ tags: NODE });
      plant.volume({ tags: NODE });
      tagSnapshot(cloud, plant.image({ tags: UPLOAD }), UPLOAD);
      plant.task({ kind: 'image', tags: UPLOAD });
      plant.object('other.raw');
      plant.object(objectKey(UPLOAD, 'debian.raw'));
      cloud.buckets.begin(BUCKET, objectKey(UPLOAD, 'half.raw'), {});
      cloud.arm({ call, ...DENIED, times: 2 });
      const ours = async () =>
        (await list()).filter(({ metadata }) => metadata.nodepool_provider_name === 'aws');
      const kinds = [
        ...['instances', 'hosts', 'volumes', 'import-tasks', 'amis', 'snapshots', 'objects'],
        'multiparts',
      ];
      const seen = kinds.filter((kind) => !(hidden as readonly string[]).includes(kind));
      for (let look = 0; look < 2; look++)
        assert.deepEqual(
          (await ours()).map(({ kind }) => kind),
          seen,
        );
      const said = warnings.filter(({ message }) => / cannot be (looked for|seen)/.test(message));
      assert.equal(said.length, 1);
      if (hidden.length > 0) assert.equal((await ours()).length, kinds.length);
    });

  it('is not looked for any more where it is of a kind of ours and may not be deleted', async () => {
    const { cloud, list, remove } = await subject({ importSeconds: 3600 });
    cloud.plant.task({ kind: 'image', tags: UPLOAD });
    const volume = cloud.plant.volume({ tags: NODE });
    cloud.arm({ call: 'CancelImportTask', ...DENIED });
    cloud.arm({ call: 'DeleteVolume', ...DENIED });
    for (const one of await list())
      if (one.kind === 'import-tasks' || one.kind === 'volumes')
        await assert.rejects(remove(one), /UnauthorizedOperation/);
    const found = await list();
    assert.deepEqual(of(found, 'import-tasks'), []);
    assert.deepEqual(of(found, 'volumes'), [volume]);
  });

  it('is not found at all where AWS fails: the next look tells', async () => {
    const { cloud, list } = await subject();
    cloud.arm({
      call: 'DescribeVolumes',
      mode: 'fail',
      status: 500,
      code: 'InternalError',
      times: 100,
    });
    await assert.rejects(list());
  });
});
