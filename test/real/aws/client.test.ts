/** Every call of our client, by the official SDK, against moto. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { startAwsProxy, type AwsProxy } from '../../../fixtures/proxy/aws-proxy.ts';
import { hasCode, hasLabel } from '../../../shared/base/errors.ts';
import type { HttpDone } from '../../../shared/drivers/driver.ts';
import type { AwsServices } from '../../../shared/drivers/aws/client/services.ts';
import { tagList, tagRecord } from '../../../shared/drivers/aws/client/tags.ts';
import { motoOrSkip, type Moto } from './moto.ts';

const signal = new AbortController().signal;
const BUCKET = 'images-of-client-test';
const MIB = 1 << 20;

describe('our client of AWS, by its SDK', function () {
  this.timeout(300_000);
  let moto: Moto;
  let proxy: AwsProxy;
  let services: AwsServices;
  const closers: (() => Promise<void>)[] = [];
  const seen: HttpDone[] = [];
  before(async function () {
    moto = await motoOrSkip(this);
    proxy = await startAwsProxy(moto.url);
    closers.push(() => {
      services.close();
      return proxy.close();
    });
    services = moto.services({
      endpoint: proxy.url,
      onHttp: (request) => {
        seen.push(request);
      },
    });
    await moto.makeBucket(BUCKET);
  });
  after(async () => {
    for (const close of closers) await close();
  });

  let tokens = 0;
  const machine = (over: object = {}) => ({
    ...{ ImageId: moto.image, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 },
    ...{ KeyName: moto.keyName, ClientToken: `client-test-${++tokens}` },
    ...over,
  });
  const TagSpecifications = [
    { ResourceType: 'instance' as const, Tags: tagList({ purpose: 'client test' }) },
  ];

  it('runs, finds and terminates instances', async () => {
    const { compute } = services;
    const { InstanceId: id = '' } = await compute.runInstance(
      machine({ TagSpecifications }),
      signal,
    );
    const listed = (await compute.instances(signal)).find(({ InstanceId }) => InstanceId === id);
    assert.deepEqual(tagRecord(listed?.Tags), { purpose: 'client test' });
    assert.equal((await compute.instancesOf([id, 'i-00000000000000000'], signal)).length, 1);
    assert.equal((await compute.instance(id, signal))?.State?.Name, 'running');
    assert.match((await compute.consoleOutput(id, signal)) ?? '', /Linux/);
    assert.equal(await compute.instance('i-00000000000000000', signal), undefined);
    assert.equal(await compute.instance('nobody', signal), undefined);
    await compute.terminate([id, 'i-00000000000000000', 'nobody'], signal);
    assert.equal((await compute.instance(id, signal))?.State?.Name, 'terminated');
    assert.equal(
      (await compute.instances(signal)).some(({ InstanceId }) => InstanceId === id),
      false,
    );
  });

  it('makes one instance where the answer is lost', async () => {
    const { compute } = services;
    proxy.add('RunInstances', { mode: 'lose', times: 2 });
    proxy.forget();
    const before = (await compute.instances(signal)).length;
    const { InstanceId: id = '' } = await compute.runInstance(machine(), signal);
    assert.equal(proxy.counts().RunInstances, 3);
    assert.equal((await compute.instances(signal)).length, before + 1);
    await compute.terminate([id], signal);
  });

  const refused: readonly [string, object, string][] = [
    ['an image', { ImageId: 'ami-00000000000000000' }, 'NP_CLOUD_TRANSIENT'],
    ['a key', { KeyName: 'nobody' }, 'NP_CLOUD_FATAL'],
    ['an instance type', { InstanceType: 'zz9.huge' }, 'NP_CLOUD_FATAL'],
    ['a subnet', { SubnetId: 'subnet-00000000' }, 'NP_CLOUD_FATAL'],
    ['a group', { SecurityGroupIds: ['sg-00000000'] }, 'NP_CLOUD_FATAL'],
  ];
  for (const [what, over, code] of refused)
    it(`is refused without ${what} that exists: ${code}`, async () => {
      const work = services.compute.runInstance(machine(over), signal);
      await assert.rejects(work, (error: { code?: string; hint?: string }) => {
        assert.equal(error.code, code);
        assert.match(error.hint ?? '', /correct (image-id|key-name|instance-type|subnet|security)/);
        return true;
      });
    });

  it('knows instance types and zones', async () => {
    const { compute } = services;
    const types = await compute.instanceTypes(['t3.micro', 'm5.large'], signal);
    assert.deepEqual(types.map(({ InstanceType }) => InstanceType).toSorted(), [
      'm5.large',
      't3.micro',
    ]);
    await assert.rejects(compute.instanceTypes(['zz9.huge'], signal), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    assert.ok((await compute.zones(signal)).includes('us-west-2a'));
  });

  it('makes fleets from launch templates', async () => {
    const { compute } = services;
    const LaunchTemplateName = 'client-test-one';
    const template = { LaunchTemplateName, LaunchTemplateData: { KeyName: moto.keyName } };
    await compute.createLaunchTemplate(template, signal);
    await compute.createLaunchTemplate(template, signal);
    const [made, ...more] = await compute.launchTemplates('client-test', signal);
    assert.deepEqual([made?.LaunchTemplateName, more.length], [LaunchTemplateName, 0]);
    const override = { ImageId: moto.image, InstanceType: 't3.micro' as const };
    const id = await compute.createFleet(
      {
        ...{ Type: 'instant', ClientToken: 'client-test-fleet' },
        LaunchTemplateConfigs: [
          {
            LaunchTemplateSpecification: { LaunchTemplateName, Version: '$Latest' },
            Overrides: [{ ...override, SubnetId: moto.subnet }],
          },
        ],
        TargetCapacitySpecification: {
          ...{ TotalTargetCapacity: 1, DefaultTargetCapacityType: 'on-demand' },
        },
      },
      signal,
    );
    assert.equal((await compute.instance(id, signal))?.InstanceType, 't3.micro');
    await compute.terminate([id], signal);
    await compute.deleteLaunchTemplate(made?.LaunchTemplateId ?? '', signal);
    await compute.deleteLaunchTemplate(made?.LaunchTemplateId ?? '', signal);
    assert.equal((await compute.launchTemplates('client-test', signal)).length, 0);
  });

  it('allocates and releases hosts', async () => {
    const { compute } = services;
    const id = await compute.allocateHost(
      {
        ...{ AvailabilityZone: 'us-west-2a', InstanceType: 'm5.large', Quantity: 1 },
        ClientToken: 'client-test-host',
      },
      signal,
    );
    assert.ok((await compute.hosts(signal)).some(({ HostId }) => HostId === id));
    await compute.releaseHosts([id], signal);
    assert.ok(!(await compute.hosts(signal)).some(({ HostId }) => HostId === id));
  });

  it('lists and deletes volumes', async () => {
    const { compute } = services;
    assert.ok(Array.isArray(await compute.volumes(signal)));
    await compute.deleteVolume('vol-00000000000000000', signal);
  });

  const body = async function* (mebibytes: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < mebibytes; at++) {
      await Promise.resolve();
      yield new Uint8Array(MIB).fill(at);
    }
  };
  const upload = (key: string, mebibytes: number) => ({
    ...{ bucket: BUCKET, key, body: body(mebibytes), bytes: mebibytes * MIB },
    tags: { nodepool_build_id: 'one', of: 'client test' },
  });

  it('keeps objects in S3, large ones in parts', async () => {
    const { storage } = services;
    // moto forgets the tags of objects that came in parts.
    await storage.upload(upload('a/large', 20), signal);
    await storage.upload(upload('a/small', 1), signal);
    const objects = await storage.objects(BUCKET, 'a/', signal);
    assert.deepEqual(
      objects.map(({ key }) => key),
      ['a/large', 'a/small'],
    );
    assert.equal((await storage.objects(BUCKET, 'b/', signal)).length, 0);
    const tags = { nodepool_build_id: 'one', of: 'client test' };
    assert.deepEqual(await storage.tags(BUCKET, 'a/small', signal), tags);
    assert.equal(await storage.tags(BUCKET, 'a/none', signal), undefined);
    for (const { key } of objects) await storage.delete(BUCKET, key, signal);
    await storage.delete(BUCKET, 'a/small', signal);
    assert.equal((await storage.objects(BUCKET, '', signal)).length, 0);
  });

  it('sends parts again, and shows what an upload that failed has left', async () => {
    const { storage } = services;
    proxy.add('PUT s3', { mode: 'reset', times: 3 });
    await storage.upload(upload('b/again', 20), signal);
    await storage.delete(BUCKET, 'b/again', signal);
    proxy.add('PUT s3', { mode: 'refuse', code: 'AccessDenied', status: 403 });
    await assert.rejects(storage.upload(upload('b/refused', 20), signal), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
    const [left, ...more] = await storage.multiparts(BUCKET, 'b/', signal);
    assert.deepEqual([left?.key, more.length], ['b/refused', 0]);
    await storage.abortMultipart(BUCKET, left?.key ?? '', left?.uploadId ?? '', signal);
    await storage.abortMultipart(BUCKET, left?.key ?? '', left?.uploadId ?? '', signal);
    assert.equal((await storage.multiparts(BUCKET, '', signal)).length, 0);
  });

  it('is refused by a bucket that is not there', async () => {
    const work = services.storage.upload({ ...upload('a', 1), bucket: 'nobodys' }, signal);
    await assert.rejects(work, (error: { hint?: string }) => {
      assert.match(error.hint ?? '', /bucket-name/);
      return hasCode(error, 'NP_CLOUD_FATAL');
    });
  });

  it('imports snapshots and images', async () => {
    const { images, storage } = services;
    await storage.upload(upload('c/disk', 1), signal);
    const container = { Format: 'raw', UserBucket: { S3Bucket: BUCKET, S3Key: 'c/disk' } };
    const request = { DiskContainer: container, ClientToken: 'client-test-import' };
    const task = await images.importSnapshot(request, signal);
    assert.equal(await images.importSnapshot(request, signal), task);
    const { SnapshotTaskDetail } = (await images.snapshotTask(task, signal)) ?? {};
    const snapshotId = SnapshotTaskDetail?.SnapshotId ?? '';
    assert.equal((await images.snapshot(snapshotId, signal))?.State, 'completed');
    const imageRequest = { DiskContainers: [container], ClientToken: 'client-test-import' };
    const imageTask = await images.importImage(imageRequest, signal);
    const imported = await images.imageTask(imageTask, signal);
    assert.equal(imported?.Status, 'completed');
    assert.ok((await images.snapshotTasks(signal)).length > 0);
    assert.ok((await images.imageTasks(signal)).length > 0);
    assert.equal(await images.snapshotTask('import-snap-00000000', signal), undefined);
    assert.equal(await images.imageTask('import-ami-00000000', signal), undefined);
    await images.cancelImport(task, signal);
    await images.deregister(imported.ImageId ?? '', signal);
    for (const { SnapshotId } of imported.SnapshotDetails ?? [])
      await images.deleteSnapshot(SnapshotId ?? '', signal);
    await images.deleteSnapshot(snapshotId, signal);
    await storage.delete(BUCKET, 'c/disk', signal);
  });

  it('writes snapshots block by block, and registers images of them', async () => {
    const { blocks, images } = services;
    const start = { volumeSizeGib: 1, token: 'client-test', tags: { a: 'b' }, timeoutMinutes: 60 };
    const { snapshotId, blockBytes } = await blocks.start(start, signal);
    for (const index of [0, 1]) {
      const bytes = new Uint8Array(blockBytes).fill(index);
      const sha256Base64 = createHash('sha256').update(bytes).digest('base64');
      await blocks.put({ snapshotId, index, bytes, sha256Base64 }, signal);
    }
    assert.equal(await blocks.complete({ snapshotId, blocks: 2 }, signal), 'completed');
    const mapping = { DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotId } };
    const id = await images.register(
      { Name: 'client-test', RootDeviceName: '/dev/sda1', BlockDeviceMappings: [mapping] },
      signal,
    );
    await images.tag([id, snapshotId], { c: 'd' }, signal);
    assert.equal(tagRecord((await images.image(id, signal))?.Tags).c, 'd');
    assert.deepEqual(tagRecord((await images.snapshot(snapshotId, signal))?.Tags), {
      ...{ a: 'b', c: 'd' },
    });
    assert.ok((await images.own(signal)).some(({ ImageId }) => ImageId === id));
    const filters = [{ Name: 'name', Values: ['client-*'] }];
    assert.equal((await images.find(filters, signal))[0]?.ImageId, id);
    assert.ok((await images.snapshots(signal)).some(({ SnapshotId }) => SnapshotId === snapshotId));
    for (let times = 0; times < 2; times++) {
      await images.deregister(id, signal);
      await images.deleteSnapshot(snapshotId, signal);
    }
    assert.equal(await images.image(id, signal), undefined);
    assert.equal(await images.snapshot(snapshotId, signal), undefined);
  });

  it('knows limits', async () => {
    assert.ok(((await services.limits.quotas('ec2', signal)).get('L-1216C47A') ?? 0) > 0);
    assert.ok(((await services.limits.quotas('ebs', signal)).get('L-7A658B76') ?? 0) > 0);
  });

  it('goes on where the service is away for a moment, and says so where it stays away', async () => {
    for (const mode of ['reset', 'refuse', 'lose'] as const) {
      proxy.add('DescribeInstances', { mode, times: 2 });
      await services.compute.instances(signal);
    }
    proxy.add('DescribeInstances', { mode: 'refuse', status: 503, code: 'Unavailable', times: 3 });
    await assert.rejects(services.compute.instances(signal), (error) =>
      hasLabel(error, 'unreachable'),
    );
    proxy.add('DescribeInstances', {
      ...{ mode: 'refuse', status: 503, code: 'RequestLimitExceeded' },
    });
    await services.compute.instances(signal);
    const nobody = moto.services({ endpoint: 'http://127.0.0.1:9' });
    await assert.rejects(nobody.compute.zones(signal), (error) => hasLabel(error, 'unreachable'));
    nobody.close();
  });

  it('has told of each request', () => {
    const of = (service: string): number => seen.filter((one) => one.service === service).length;
    for (const service of ['ec2', 's3', 'ebs', 'service-quotas'])
      assert.ok(of(service) > 1, service);
    assert.ok(seen.some(({ status }) => status === undefined));
    assert.ok(seen.some(({ status }) => status === 503));
  });
});
