/** Our driver says the same of quota as Python Nodepool's: of the account, of labels, of instances. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import { KEY_NAME, ZONES } from '../../../fixtures/aws-cloud/ec2/catalog.ts';
import { REGION } from '../../../fixtures/aws-cloud/ground.ts';
import { run } from '../../../fixtures/processes/run.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { createAwsDriver } from '../../../shared/drivers/aws/driver.ts';
import { labelOf, providerConfig } from '../../support/provider-config.ts';
import { peersOrSkip } from '../../support/peers.ts';

const LABELS: readonly Readonly<Record<string, unknown>>[] = [
  { name: 'plain', 'instance-type': 'm5.large' },
  { name: 'spot', 'instance-type': 't3.micro', 'use-spot': true },
  { name: 'graphics', 'instance-type': 'g4dn.xlarge' },
  {
    ...{ name: 'volume', 'instance-type': 'm5.xlarge', 'volume-type': 'io1' },
    ...{ 'volume-size': 70, iops: 900 },
  },
  { name: 'throughput', 'instance-type': 'm5.xlarge', 'volume-type': 'gp3', iops: 4000 },
  { name: 'host', 'instance-type': 'm5.xlarge', 'dedicated-host': true, 'volume-type': 'gp2' },
  {
    ...{ name: 'fleet', 'volume-size': 9, 'volume-type': 'gp2' },
    fleet: { 'instance-types': ['c5.large', 'm5.large'], 'allocation-strategy': 'prioritized' },
  },
];

const SECTION = {
  ...{ name: 'one', driver: 'aws', 'region-name': REGION, rate: 1000 },
  'cloud-images': [{ name: 'image', username: 'zuul', 'image-id': 'ami-0e0e0e0e0e0e0e0e0' }],
  pools: [
    {
      ...{ name: 'main', 'availability-zone': ZONES[0] },
      labels: LABELS.map((label) => ({ ...label, 'cloud-image': 'image', 'key-name': KEY_NAME })),
    },
  ],
};

interface Said {
  readonly limits: Quota;
  readonly needs: Readonly<Record<string, Quota>>;
  readonly instances: Readonly<Record<string, Quota>>;
}

function plantInstances({ plant }: AwsCloud): void {
  plant.instance();
  plant.instance({ type: 'm5.large', isSpot: true });
  plant.instance({ type: 'g4dn.xlarge', hasVolume: false });
  const tags = { nodepool_provider_name: 'one', nodepool_node_id: '0000000001' };
  plant.instance({ type: 'm5.xlarge', tags, hostId: plant.host({ type: 'm5.xlarge', tags }) });
  const attachment = { device: '/dev/sdb', deleteOnTermination: true };
  const instanceId = plant.instance({ type: 'c5.large' });
  plant.volume({ type: 'io1', sizeGib: 30, iops: 600, attachment: { ...attachment, instanceId } });
}

describe('quota of AWS, as Python Nodepool sees it', () => {
  let folder: string | undefined;
  let cloud: AwsCloud;
  let pythons: Said;
  let ours: Said;

  before(async function () {
    const { nodepoolPython } = await peersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'aws-quota-'));
    cloud = new AwsCloud({ clock: systemClock, pageSize: 2 });
    Object.assign(cloud.limits, { 'L-1216C47A': 20, 'L-FD252861': 3, 'L-8B7BF662': 4 });
    plantInstances(cloud);
    pythons = await askPython(nodepoolPython, folder);
    ours = await askOurs();
  });
  after(() => folder && rm(folder, { recursive: true, force: true }));

  async function askPython(python: string, place: string): Promise<Said> {
    const path = join(place, 'nodepool.yaml');
    const labels = LABELS.map(({ name }) => ({ name }));
    await writeFile(path, JSON.stringify({ labels, providers: [SECTION] }));
    const server = await cloud.serve();
    const { accessKeyId, secretAccessKey } = cloud.accessKey;
    try {
      const script = join(import.meta.dirname, 'quota.py');
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
      const said = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Said;
      return { ...said, needs: without0(said.needs), instances: without0(said.instances) };
    } finally {
      await server.close();
    }
  }

  async function askOurs(): Promise<Said> {
    const config = providerConfig(JSON.stringify(SECTION));
    const env = {
      ...{ clock: systemClock, random: Math.random, log: silentLogger, environment: {} },
      ...{ extension: undefined, pollSeconds: 0.01, imageCheckSeconds: 300 },
    };
    const signal = AbortSignal.timeout(20_000);
    const driver = createAwsDriver({ requestHandler: cloud.handler, credentials: cloud.accessKey });
    const provider = await driver.connect(config, env, signal);
    const needs: Record<string, Quota> = {};
    for (const name of LABELS.map((label) => String(label.name)))
      needs[name] = await provider.quotaForLabel(labelOf(config, name).label, signal);
    const instances: Record<string, Quota> = {};
    for (const { externalId, resources } of await provider.listInstances(signal))
      if (typeof externalId !== 'string') instances[externalId.instance ?? ''] = resources;
    const limits = await provider.quotaLimits(signal);
    await provider.close();
    return { limits, needs, instances };
  }

  for (const part of ['limits', 'needs', 'instances'] as const)
    it(`is the same: ${part}`, () => {
      assert.ok(Object.keys(pythons[part]).length > 4);
      assert.deepEqual(ours[part], pythons[part]);
    });
});

/** In an amount that is taken nothing and 0 are the same. */
function without0(amounts: Readonly<Record<string, Quota>>): Record<string, Quota> {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, quota]) => [
      name,
      Object.fromEntries(Object.entries(quota).filter(([, amount]) => amount !== 0)),
    ]),
  );
}
