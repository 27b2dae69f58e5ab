/** Our driver asks AWS for the same as Python Nodepool's, whatever the options of a label. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Image } from '@aws-sdk/client-ec2';

import { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import { GROUP_ID, KEY_NAME, SUBNET_ID, ZONES } from '../../../fixtures/aws-cloud/ec2/catalog.ts';
import { REGION } from '../../../fixtures/aws-cloud/ground.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { openSdk } from '../../../shared/drivers/aws/client/sdk.ts';
import { openServices, type AwsServices } from '../../../shared/drivers/aws/client/services.ts';
import { fleetRequest } from '../../../shared/drivers/aws/fleet.ts';
import {
  hostRequest,
  instanceRequest,
  labelOptions,
} from '../../../shared/drivers/aws/instance-request.ts';
import { LaunchTemplates } from '../../../shared/drivers/aws/launch-templates.ts';
import { launchSpec } from '../../support/launch-spec.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { providerConfig } from '../../support/provider-config.ts';

type Options = Readonly<Record<string, unknown>>;

const HOST = 'h-0123456789abcdef0';
const VOLUME = { 'volume-size': 40, 'volume-type': 'gp3', iops: 4000, throughput: 200 };
const FLEET = { 'instance-types': ['m5.large', 'c5.large'], 'allocation-strategy': 'lowest-price' };

const ALL: Options = {
  ...{ 'ebs-optimized': true, userdata: 'echo "a"', imdsv2: 'required', ...VOLUME },
  'iam-instance-profile': { name: 'profile' },
  tags: { one: 'text', count: 3, on: true, off: false, Name: 'mine', nodepool_node_id: 'mine' },
  'dynamic-tags': { who: '{request.requestor}', none: '{request.tenant_name}', bad: '{nobody}' },
};

/** Of every pool. */
const LABELS: readonly Options[] = [
  { name: 'plain', 'instance-type': 't3.micro' },
  { name: 'all', 'instance-type': 'm5.large', ...ALL },
  { name: 'spot', 'instance-type': 't3.micro', 'use-spot': true, imdsv2: 'optional' },
  {
    ...{ name: 'profile', 'instance-type': 't3.micro', 'volume-size': 9 },
    'iam-instance-profile': { arn: 'arn:aws:iam::123456789012:instance-profile/profile' },
  },
  { name: 'fleet', fleet: FLEET },
  {
    ...{ name: 'fleet-all', 'use-spot': true, userdata: 'a', imdsv2: 'optional', ...VOLUME },
    fleet: { ...FLEET, 'allocation-strategy': 'price-capacity-optimized' },
  },
];

const POOLS: readonly Options[] = [
  { name: 'net', 'subnet-id': SUBNET_ID, 'security-group-id': GROUP_ID, 'public-ipv6': true },
  {
    ...{ name: 'zone', 'subnet-id': SUBNET_ID, 'security-group-id': GROUP_ID },
    ...{ 'availability-zone': ZONES[0], 'public-ipv4': false },
  },
];

function sectionOf(imageId: string): Options {
  const cloudImages = [
    { name: 'image', username: 'zuul', 'image-id': imageId },
    { name: 'filtered', username: 'zuul', 'image-filters': [{ name: 'name', values: ['image'] }] },
  ];
  const host = { name: 'host', 'instance-type': 'm5.large', 'dedicated-host': true };
  const pools = POOLS.map((pool) => ({
    ...pool,
    labels: [
      ...LABELS.map((label) => ({ ...label, 'cloud-image': 'image' })),
      { ...LABELS[0], name: 'newest', 'cloud-image': 'filtered' },
      ...(pool.name === 'zone' ? [{ ...host, 'cloud-image': 'image' }] : []),
    ].map((label: Options) => ({
      ...{ ...label, 'key-name': KEY_NAME },
      name: `${String(pool.name)}-${String(label.name)}`,
    })),
  }));
  return {
    ...{ name: 'one', driver: 'aws', 'region-name': REGION, rate: 1000 },
    ...{ 'cloud-images': cloudImages, pools },
  };
}

/** The same for both: no order where AWS sees none, nothing that is undefined. */
function plain(value: unknown): unknown {
  const sortTags = (key: string, item: unknown): unknown =>
    key === 'Tags' && Array.isArray(item)
      ? (item as { Key: string }[]).toSorted((a, b) => (a.Key < b.Key ? -1 : 1))
      : item;
  return JSON.parse(JSON.stringify(value, sortTags));
}

describe('what AWS is asked for, by Python Nodepool and by us,', () => {
  let folder: string | undefined;
  let close: (() => void) | undefined;
  let cloud: AwsCloud;
  let services: AwsServices;
  let image: Image;
  let pythons: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  before(async function () {
    this.timeout(60_000);
    const { nodepoolPython } = await peersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'aws-asked-'));
    cloud = new AwsCloud({ clock: systemClock });
    services = openServices(
      openSdk({
        ...{ section: 'one', region: REGION, profile: undefined, callsPerSecond: Infinity },
        ...{ clock: systemClock, random: Math.random, log: silentLogger, environment: {} },
        ...{ requestHandler: cloud.handler, credentials: cloud.accessKey },
      }),
    );
    close = () => {
      services.close();
    };
    const found = await services.images.image(cloud.imageId, AbortSignal.timeout(20_000));
    assert.ok(found);
    image = found;
    pythons = await askPython(nodepoolPython, folder);
  });
  after(async () => {
    close?.();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function askPython(python: string, place: string): Promise<typeof pythons> {
    const path = join(place, 'nodepool.yaml');
    const section = sectionOf(cloud.imageId);
    const pools = section.pools as readonly { labels: readonly { name: string }[] }[];
    const labels = pools.flatMap((pool) => pool.labels.map(({ name }) => ({ name })));
    await writeFile(path, JSON.stringify({ labels, providers: [section] }));
    const server = await cloud.serve();
    const { accessKeyId, secretAccessKey } = cloud.accessKey;
    try {
      const script = join(import.meta.dirname, 'asked-for.py');
      const output = await run(python, ['-W', 'ignore', script, path], {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: server.url,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_CONFIG_FILE: join(place, 'none'),
          AWS_SHARED_CREDENTIALS_FILE: join(place, 'none'),
        },
      });
      return JSON.parse(output.trim().split('\n').at(-1) ?? '') as typeof pythons;
    } finally {
      await server.close();
    }
  }

  function askOurs(label: string): Readonly<Record<string, unknown>> {
    const config = providerConfig(JSON.stringify(sectionOf(cloud.imageId)));
    const templates = new LaunchTemplates({ config, compute: services.compute, log: silentLogger });
    const spec = launchSpec(config, label);
    const { fleet, dedicatedHost } = labelOptions(spec);
    const { imageId } = cloud;
    if (fleet !== undefined) {
      const templateName = templates.nameFor(spec.pool, spec.label);
      return { fleet: fleetRequest({ spec, fleet, imageId, templateName }) };
    }
    const hostId = dedicatedHost ? HOST : undefined;
    const { UserData, ...request } = instanceRequest({ spec, image, hostId });
    return {
      // The SDK of Python makes base64 of it later.
      instance: {
        ...request,
        ...(UserData && { UserData: Buffer.from(UserData, 'base64').toString() }),
      },
      ...(dedicatedHost && { host: hostRequest(spec) }),
    };
  }

  for (const { name: pool } of POOLS)
    for (const name of [...LABELS.map((label) => label.name), 'newest', 'host'])
      if (name !== 'host' || pool === 'zone')
        it(`is the same for label ${String(name)} of pool ${String(pool)}`, () => {
          const label = `${String(pool)}-${String(name)}`;
          assert.deepEqual(plain(askOurs(label)), plain(pythons[label]));
        });

  it('are launch templates that both know', async () => {
    const config = providerConfig(JSON.stringify(sectionOf(cloud.imageId)));
    const templates = new LaunchTemplates({ config, compute: services.compute, log: silentLogger });
    const made = (): readonly string[] => cloud.templates.all().map(({ name }) => name);
    const before = made();
    // Python has made them at its start.
    assert.equal(before.length, 2);
    await templates.prepare(AbortSignal.timeout(20_000));
    assert.deepEqual(made(), before);
  });
});
