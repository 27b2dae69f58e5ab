/**
 * Python Nodepool's own AWS adapter, with boto3, takes our AWS in memory for a cloud: the proof that
 * what our driver is tested with is none that only it understands.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import { GROUP_ID, KEY_NAME, SUBNET_ID, ZONES } from '../../../fixtures/aws-cloud/ec2/catalog.ts';
import type { AwsCloudServer } from '../../../fixtures/aws-cloud/server.ts';
import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { peersOrSkip } from '../../support/peers.ts';

const METHODS = ['snapshot', 'image', 'ebs-direct'] as const;

const LABELS = [
  {
    ...{ name: 'a-plain', 'cloud-image': 'by-id', 'instance-type': 'm5.large', iops: 4000 },
    ...{ 'volume-size': 20, 'volume-type': 'gp3', userdata: '#!/bin/sh', imdsv2: 'required' },
    ...{ 'iam-instance-profile': { name: 'profile' }, tags: { team: 'red' } },
  },
  { name: 'b-spot', 'cloud-image': 'by-name', 'instance-type': 't3.micro', 'use-spot': true },
  {
    ...{ name: 'c-fleet', 'cloud-image': 'by-name' },
    fleet: { 'instance-types': ['m5.xlarge', 'c5.large'], 'allocation-strategy': 'prioritized' },
  },
  {
    ...{ name: 'd-host', 'cloud-image': 'by-id', 'instance-type': 'm5.xlarge' },
    'dedicated-host': true,
  },
  {
    ...{ name: 'e-full', 'cloud-image': 'by-id', 'instance-type': 'm5.large' },
    ...{ 'volume-type': 'gp2', 'volume-size': 2000 },
  },
  { name: 'f-unknown', 'cloud-image': 'absent', 'instance-type': 'm5.large' },
].map((label) => ({ ...label, 'key-name': KEY_NAME }));

interface Made {
  readonly id: { readonly instance: string; readonly host?: string };
  readonly interface: string;
  readonly public: string;
  readonly private: string;
  readonly ipv6: string;
  readonly zone: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly quota: Readonly<Record<string, number>>;
  readonly error?: string;
  readonly message?: string;
}

type Amounts = Readonly<Record<string, number>>;

interface Seen {
  readonly limits: Amounts;
  readonly needs: Readonly<Record<string, Amounts>>;
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<Record<string, Amounts>>;
  readonly resources: readonly (readonly [type: string, owner: string])[];
  readonly images: Readonly<Record<string, string>>;
  readonly left: unknown;
}

describe("the AWS in memory, before Python Nodepool's adapter", () => {
  let python: string;
  let folder: string;
  let cloud: AwsCloud;
  let server: AwsCloudServer | undefined;
  let seen: Seen;
  /** The account's own images, and what they were made of, when the adapter had uploaded them. */
  const uploaded = new Map<string, Readonly<Record<string, unknown>>>();

  before(async function () {
    python = (await peersOrSkip(this)).nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'aws-cloud-'));
    cloud = new AwsCloud({ clock: systemClock, createSeconds: 0.2, pageSize: 2 });
    cloud.limits = { 'L-1216C47A': 20, 'L-D18FCD1D': 1 };
    cloud.onCall = (call) => {
      if (call !== 'DeregisterImage') return;
      for (const image of cloud.images.images.all()) {
        const snapshot = cloud.images.snapshots.get(image.mappings[0]?.snapshotId ?? '');
        uploaded.set(image.id, { ...image, snapshotTags: snapshot?.tags, data: snapshot?.data });
      }
    };
    server = await cloud.serve();
    seen = await lead(server.url);
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (url: string): Promise<Seen> => {
    const pool = {
      ...{ name: 'main', 'max-servers': 9, 'availability-zone': ZONES[0], labels: LABELS },
      ...{ 'subnet-id': SUBNET_ID, 'security-group-id': GROUP_ID, 'public-ipv6': true },
    };
    const username = 'zuul';
    const provider = {
      ...{ name: 'one', driver: 'aws', 'region-name': 'us-west-2', rate: 1000 },
      'object-storage': { 'bucket-name': BUCKET },
      'cloud-images': [
        { name: 'by-id', username, 'image-id': cloud.imageId },
        { name: 'by-name', username, 'image-filters': [{ name: 'name', values: ['im*'] }] },
        { name: 'absent', username, 'image-filters': [{ name: 'name', values: ['none'] }] },
      ],
      diskimages: METHODS.map((method) => ({ name: method, 'import-method': method })),
      pools: [pool],
    };
    const config = join(folder, 'nodepool.yaml');
    const labels = LABELS.map(({ name }) => ({ name }));
    const diskimages = METHODS.map((name) => ({ name, elements: ['vm'] }));
    await writeFile(config, JSON.stringify({ labels, diskimages, providers: [provider] }));
    const { accessKeyId, secretAccessKey } = cloud.accessKey;
    const output = await run(
      python,
      ['-W', 'ignore', join(import.meta.dirname, 'adapter.py'), config],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: url,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_CONFIG_FILE: join(folder, 'none'),
          AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
        },
      },
    );
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Seen;
  };

  it('shows limits, and what labels take', () => {
    assert.equal(seen.limits['L-1216C47A'], 20);
    assert.equal(seen.limits['L-D18FCD1D'], 1000);
    assert.deepEqual(seen.needs['b-spot'], {
      ...{ cores: 1, ram: 1024, instances: 1, 'L-34B43A08': 2 },
    });
    assert.deepEqual(seen.needs['d-host'], {
      ...{ cores: 0, ram: 0, instances: 1, 'L-8B7BF662': 1 },
    });
  });

  it('makes an instance with addresses, tags, a volume, user data and a profile', () => {
    const { 'a-plain': plain } = seen.made;
    assert.equal(plain?.error, undefined, plain?.message);
    assert.match(plain?.public ?? '', /^127\.91\./);
    assert.match(plain?.private ?? '', /^127\.90\./);
    assert.match(plain?.ipv6 ?? '', /^fd00::/);
    assert.equal(plain?.interface, plain?.public);
    assert.equal(plain?.zone, ZONES[0]);
    assert.equal(plain?.metadata.nodepool_node_id, '0');
    assert.equal(plain.metadata.team, 'red');
    const instance = cloud.instances.instances.get(plain.id.instance);
    const { userData, profile, httpTokens, groups, keyName } = instance ?? {};
    assert.deepEqual(
      [userData, profile, httpTokens, groups, keyName],
      ['#!/bin/sh', 'profile', 'required', [GROUP_ID], KEY_NAME],
    );
    const listed = seen.listed[plain.id.instance];
    assert.equal(listed?.['L-7A658B76'], 20, 'GiB of gp3');
  });

  it('makes a spot instance, one of a fleet, and one on a host of its own', () => {
    const { 'b-spot': spot, 'c-fleet': fleet, 'd-host': host } = seen.made;
    assert.equal(seen.listed[spot?.id.instance ?? '']?.['L-34B43A08'], 2);
    assert.equal(fleet?.quota['L-1216C47A'], 4, fleet?.message);
    assert.ok(fleet.metadata['aws:ec2:fleet-id']);
    assert.match(host?.id.host ?? '', /^h-/);
    assert.equal(seen.listed[host?.id.instance ?? '']?.['L-8B7BF662'], 1);
  });

  it('says in a way that it understands that the quota is used up, and that there is no image', () => {
    const { 'e-full': full, 'f-unknown': unknown } = seen.made;
    assert.equal(full?.error, 'QuotaException');
    assert.match(full.message ?? '', /VolumeLimitExceeded.*gp2 storage limit of 1 TiB/);
    assert.match(unknown?.message ?? '', /No cloud-image \(AMI\) matches/);
  });

  for (const method of METHODS)
    it(`takes an image by ${method}`, () => {
      const image = uploaded.get(seen.images[method] ?? '');
      assert.match(String(image?.data), /"cloud-images"/);
      const tags = { nodepool_provider_name: 'one', nodepool_upload_id: method };
      assert.deepEqual(image?.tags, tags);
      assert.deepEqual(image.snapshotTags, tags);
    });

  it('shows all that may leak, with tags', () => {
    const has = (type: string, owner: string): boolean =>
      seen.resources.some(([one, other]) => one === type && other === owner);
    for (const node of ['0', '1', '2', '3'])
      for (const type of ['instance', 'volume']) assert.ok(has(type, node), `${type} of ${node}`);
    assert.ok(has('host', '3'));
    for (const method of METHODS)
      for (const type of ['ami', 'snapshot']) assert.ok(has(type, method), `${type} of ${method}`);
  });

  it('has nothing left in the end', () => {
    assert.deepEqual(seen.left, {});
    assert.deepEqual(cloud.counts, {
      ...{ instances: 0, hosts: 0, volumes: 0, images: 0, snapshots: 0, objects: 0 },
      ...{ uploads: 0, tasks: 0 },
    });
    const terminated = cloud.instances.instances.all().map(({ reason }) => reason?.code);
    assert.deepEqual([...new Set(terminated)], ['Client.UserInitiatedShutdown']);
  });
});
