/** Our driver asks IBM for the same as Python Nodepool's, whatever the options of a label. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { IbmCloud } from '../../../fixtures/ibm-cloud/cloud.ts';
import { REGION } from '../../../fixtures/ibm-cloud/ground.ts';
import { API_KEY } from '../../../fixtures/ibm-cloud/iam.ts';
import { STORAGE_NAME } from '../../../fixtures/ibm-cloud/resources.ts';
import { run } from '../../../fixtures/processes/run.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { Instance, Provider } from '../../../shared/drivers/driver.ts';
import { createIbmVpcDriver } from '../../../shared/drivers/ibmvpc/driver.ts';
import { launchSpec } from '../../support/launch-spec.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { labelOf, providerConfig } from '../../support/provider-config.ts';

type Options = Readonly<Record<string, unknown>>;

/** Of every pool. */
const LABELS: readonly Options[] = [
  { name: 'plain', 'cloud-image': 'id', profile: 'bx2-2x8' },
  { name: 'data', 'cloud-image': 'id', profile: 'cx2-2x4', 'user-data': '#!/bin/sh\necho "a"\n' },
  { name: 'no-data', 'cloud-image': 'id', profile: 'cx2-2x4', 'user-data': '' },
  { name: 'keys', 'cloud-image': 'name', profile: 'bx2-4x16' },
  { name: 'href', 'cloud-image': 'href', profile: 'bx2-2x8' },
  { name: 'filter', 'cloud-image': 'filter', profile: 'bx2-2x8' },
  { name: 'own', diskimage: 'own', profile: 'bx2-2x8' },
];

const POOLS: readonly Options[] = [
  { name: 'public', 'public-ipv4': true },
  { name: 'inner', zone: 'us-south-2', subnet: 'ci-subnet-2', 'use-internal-ip': true },
  { name: 'third', zone: 'us-south-3', subnet: 'ci-subnet-3', 'public-ipv4': true },
];

/** One whose names are their pools' and their own. */
const pools = POOLS.map((pool) => ({
  ...pool,
  'max-servers': 10,
  labels: LABELS.map((label) => ({
    ...label,
    name: `${String(pool.name)}-${String(label.name)}`,
  })),
}));
const NAMES = pools.flatMap(({ labels }) => labels.map(({ name }) => name)).toSorted();

function sectionOf(cloud: IbmCloud, origin: string, credentials: string): Options {
  const [first, second] = cloud.images.images.all();
  const images = [
    { name: 'id', 'image-id': first?.id },
    { name: 'name', 'image-name': second?.name, keys: ['second-key', 'ci-key'] },
    { name: 'href', 'image-href': `${origin}/v1/images/${second?.id ?? ''}`, keys: [] },
    {
      name: 'filter',
      'image-filter': {
        'operating-system': {
          vendor: 'Debian',
          'dedicated-host-only': false,
          architecture: 'amd64',
        },
        ...{ 'owner-type': 'provider', status: 'available' },
      },
    },
  ];
  return {
    ...{ name: 'one', driver: 'ibmvpc', region: REGION, vpc: 'ci-vpc', rate: 1000 },
    ...{ zone: 'us-south-1', subnet: 'ci-subnet-1', 'credentials-file': credentials },
    'object-storage': { 'instance-name': STORAGE_NAME, endpoint: origin, 'bucket-name': BUCKET },
    'cloud-images': images.map((image) => ({ username: 'root', ...image })),
    diskimages: [{ name: 'own', 'operating-system': 'debian-12-amd64' }],
    pools,
  };
}

describe('what IBM is asked for, by Python Nodepool and by us,', () => {
  let folder: string | undefined;
  let cloud: IbmCloud;
  let provider: Provider | undefined;
  /** What was asked for, and what is told of the instance, by label. */
  const asked: Record<'pythons' | 'ours', Record<string, unknown>> = { pythons: {}, ours: {} };

  before(async function () {
    this.timeout(120_000);
    const { nodepoolPython } = await peersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'ibm-asked-'));
    cloud = new IbmCloud({
      ...{ clock: systemClock, createSeconds: 0.02, deleteSeconds: 0.02, addressSeconds: 0.02 },
    });
    const server = await cloud.serve();
    try {
      await askPython(nodepoolPython, folder, server.origin);
      await askOurs(folder, server.origin);
    } finally {
      await server.close();
    }
  });
  after(async () => {
    await provider?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** What has been asked for is there until it is deleted; the address goes first. */
  function remember(into: Record<string, unknown>, name: string): void {
    const ofThis = (one: { readonly name: string }): boolean => one.name === name;
    into[name] ??= {
      instance: cloud.instances.instances.all().find(ofThis)?.request,
      floatingIp: cloud.floatingIps.floatingIps.all().find(ofThis)?.request,
    };
  }

  async function askPython(python: string, place: string, origin: string): Promise<void> {
    const credentials = join(place, 'ibm-credentials.env');
    await writeFile(credentials, `VPC_APIKEY=${API_KEY}\nVPC_AUTH_URL=${origin}\n`);
    const section = sectionOf(cloud, origin, credentials);
    const path = join(place, 'nodepool.yaml');
    const labels = NAMES.map((name) => ({ name }));
    const diskimages = [{ name: 'own', elements: ['vm'] }];
    await writeFile(path, JSON.stringify({ labels, providers: [section], diskimages }));
    const file = join(place, 'image.qcow2');
    await writeFile(file, 'QFI');
    cloud.onCall = (call) => {
      if (!call.startsWith('DELETE')) return;
      for (const { name } of cloud.instances.instances.all()) remember(asked.pythons, name);
    };
    const script = join(import.meta.dirname, 'asked-for.py');
    const output = await run(python, ['-W', 'ignore', script, path, origin, file]);
    const told = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, object>;
    cloud.onCall = undefined;
    for (const [name, one] of Object.entries(told)) asked.pythons[name] = one;
  }

  async function askOurs(place: string, origin: string): Promise<void> {
    const credentials = join(place, 'ibm-credentials.env');
    const config = providerConfig(JSON.stringify(sectionOf(cloud, origin, credentials)));
    const endpoints = {
      vpc: `${origin}/v1`,
      'resource-manager': `${origin}/v2`,
      'resource-controller': `${origin}/v2`,
    };
    const env = {
      ...{ clock: systemClock, random: Math.random, log: silentLogger, environment: {} },
      ...{ extension: undefined, pollSeconds: 0.02, imageCheckSeconds: 300 },
    };
    const signal = AbortSignal.timeout(60_000);
    provider = await createIbmVpcDriver({ endpoints }).connect(config, env, signal);
    const uploaded = cloud.images.images.all().find(({ request }) => request !== undefined)?.id;
    await upload(place, config, signal);
    for (const [index, name] of NAMES.entries()) {
      const nodeId = String(index + 1).padStart(10, '0');
      const isUploaded = labelOf(config, name).label.diskimage !== undefined;
      const imageExternalId = isUploaded ? uploaded : undefined;
      const spec = launchSpec(config, name, { nodeId, imageExternalId });
      const made = await provider.launch?.(spec, signal);
      remember(asked.ours, spec.hostname);
      asked.ours[name] = made && toldOf(made);
      await provider.delete({ externalId: spec.hostname, nodeId, driverData: null }, signal);
    }
  }

  /** As the builder does. */
  async function upload(place: string, config: ProviderConfig, signal: AbortSignal) {
    const image = config.diskimages.get('own');
    assert.ok(image);
    const metadata = {
      ...{ nodepool_provider_name: 'one', nodepool_build_id: '0123abcd' },
      nodepool_upload_id: '0000000007',
    };
    const name = 'npimage-0123abcd-0000000007';
    const file = join(place, 'image.qcow2');
    await provider?.images?.upload({ name, image, file, metadata, checksums: {} }, signal);
  }

  it('is the same for an image, but for names', () => {
    const own = cloud.images.images.all().filter(({ request }) => request !== undefined);
    const [pythons, ours] = own.map(({ request }) => request);
    assert.equal(own.length, 2);
    assert.deepEqual({ ...ours, name: pythons?.name, file: pythons?.file }, pythons);
    assert.equal(
      ours?.file.href,
      `cos://${REGION}/${BUCKET}/npimages_one/${ours?.name ?? ''}.qcow2`,
    );
    assert.deepEqual(own[1]?.data, own[0]?.data);
  });

  for (const [index, name] of NAMES.entries())
    it(`is the same for label ${name}`, () => {
      const hostname = `np${String(index + 1).padStart(10, '0')}`;
      assert.ok(asked.ours[hostname]);
      assert.deepEqual(asked.ours[hostname], asked.pythons[hostname]);
      const {
        private: inner,
        public: outer,
        interface: used,
        ...python
      } = asked.pythons[name] as Options;
      const {
        private: ourInner,
        public: ourOuter,
        interface: ourUsed,
        ...ours
      } = asked.ours[name] as Options;
      assert.deepEqual(ours, withoutTags(python));
      // Each has addresses of its own.
      assert.equal(typeof ourInner, typeof inner);
      assert.equal(typeof ourOuter, typeof outer);
      assert.equal(ourUsed === ourInner, used === inner);
    });
});

/** As Python tells it. */
function toldOf(made: Instance): Options {
  return {
    id: made.externalId,
    interface: made.interfaceIp,
    public: made.publicIpv4,
    private: made.privateIpv4,
    region: made.region,
    az: made.availabilityZone,
    cloud: made.cloud,
  };
}

/** The launcher knows them. */
function withoutTags(python: Options): Options {
  return Object.fromEntries(Object.entries(python).filter(([name]) => name !== 'metadata'));
}
