import assert from 'node:assert/strict';

import type { Host, Instance, InstanceTypeInfo, Volume } from '@aws-sdk/client-ec2';
import fc from 'fast-check';

import {
  configuredCodes,
  instanceQuota,
  limitsFor,
  type AccountFacts,
} from '../../../../shared/drivers/aws/quota.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const STANDARD = 'L-1216C47A';
const STANDARD_SPOT = 'L-34B43A08';
const M5_HOSTS = 'L-8B7BF662';
const GP3 = 'L-7A658B76';
const IO1 = 'L-FD252861';
const IO1_IOPS = 'L-B3A130E6';

const configOf = (labels: string) =>
  providerConfig(`
name: one
driver: aws
region-name: us-east-1
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    availability-zone: us-east-1a
    labels: [${labels}]
`);
const label = (rest: string): string => `{name: small, cloud-image: image, key-name: k, ${rest}}`;

const TAGS = [
  { Key: 'nodepool_provider_name', Value: 'one' },
  { Key: 'nodepool_node_id', Value: '0000000001' },
];
const LARGE: InstanceTypeInfo = {
  InstanceType: 'm5.large',
  VCpuInfo: { DefaultVCpus: 2, DefaultCores: 1 },
  MemoryInfo: { SizeInMiB: 8192 },
};

describe('limits of an AWS account', () => {
  const EC2 = new Map([
    [STANDARD, 100],
    [STANDARD_SPOT, 50],
    [M5_HOSTS, 3],
    ['L-74FC7D96', 7],
  ]);
  const EBS = new Map([
    [GP3, 2],
    [IO1, 0.5],
    [IO1_IOPS, 1000],
    ['L-D18FCD1D', 9],
  ]);
  const limits = (labels: string, facts: Partial<AccountFacts> = {}) =>
    limitsFor({
      ...{ codes: configuredCodes(configOf(labels)), ec2: EC2, ebs: EBS },
      ...{ hosts: [], volumes: [], provider: 'one', ...facts },
    });

  for (const [what, labels, expected] of [
    ['on demand', 'instance-type: t3.micro', { [STANDARD]: 100 }],
    ['spot', 'instance-type: t3.micro, use-spot: true', { [STANDARD_SPOT]: 50 }],
    [
      'each type of a fleet',
      'fleet: {instance-types: [t3.micro, f1.2xlarge], allocation-strategy: prioritized}',
      { [STANDARD]: 100, 'L-74FC7D96': 7 },
    ],
    ['hosts', 'instance-type: m5.large, dedicated-host: true', { [M5_HOSTS]: 3 }],
    [
      'volumes, in GB',
      'instance-type: t3.micro, volume-type: io1',
      { [STANDARD]: 100, [IO1]: 500, [IO1_IOPS]: 1000 },
    ],
    ['no type that has none', 'instance-type: u-6tb1.metal, use-spot: true', {}],
    ['no type whose limit AWS does not tell', 'instance-type: p3.2xlarge', {}],
  ] as const)
    it(`are those of what is configured: ${what}`, () => {
      assert.deepEqual(limits(label(labels)), expected);
    });

  it('are less what foreign hosts take; our own count with their nodes', () => {
    const hosts: Host[] = [
      { HostProperties: { InstanceFamily: 'm5' } },
      { HostProperties: { InstanceType: 'm5.large' }, Tags: TAGS },
      { HostProperties: { InstanceFamily: 'r5' } },
      {},
    ];
    assert.deepEqual(limits(label('instance-type: m5.large, dedicated-host: true'), { hosts }), {
      [M5_HOSTS]: 2,
    });
  });

  it('are less what volumes take that lie about', () => {
    const free: Volume = { VolumeType: 'io1', Size: 100, Iops: 300, State: 'available' };
    const volumes: Volume[] = [
      free,
      { ...free, Attachments: [{ InstanceId: 'i-1' }] },
      { ...free, State: 'deleting' },
      { ...free, Tags: TAGS },
      { ...free, VolumeType: 'gp2' },
    ];
    assert.deepEqual(limits(label('instance-type: p3.2xlarge, volume-type: io1'), { volumes }), {
      [IO1]: 400,
      [IO1_IOPS]: 700,
    });
  });

  it('are never below nothing', () => {
    const volumes: Volume[] = [{ VolumeType: 'gp3', Size: 5000 }];
    assert.deepEqual(limits(label('instance-type: p3.2xlarge, volume-type: gp3'), { volumes }), {
      [GP3]: 0,
    });
  });
});

describe('what an instance takes', () => {
  const volumes = new Map<string, Volume>([
    ['vol-1', { VolumeType: 'gp3', Size: 20, Iops: 3000 }],
    ['vol-2', { VolumeType: 'io1', Size: 40, Iops: 500 }],
    ['vol-3', { VolumeType: 'io1', Size: 2 }],
  ]);
  const attached = ['vol-1', 'vol-2', 'vol-3', 'vol-unknown', ''].map((VolumeId) => ({
    Ebs: { VolumeId },
  }));
  const taken = (instance: Instance, type: InstanceTypeInfo | undefined = LARGE) =>
    instanceQuota({ InstanceType: 'm5.large', ...instance }, { type, volumes, provider: 'one' });
  const MACHINE = { instances: 1, cores: 1, ram: 8192 };

  for (const [what, instance, expected] of [
    ['one on demand', {}, { ...MACHINE, [STANDARD]: 2 }],
    ['one of spot', { InstanceLifecycle: 'spot' }, { ...MACHINE, [STANDARD_SPOT]: 2 }],
    [
      'our own on its host',
      { Placement: { HostId: 'h-1' }, Tags: TAGS },
      { instances: 1, [M5_HOSTS]: 1 },
    ],
    ['a foreign one on its host', { Placement: { HostId: 'h-1' } }, { instances: 1 }],
    [
      'one with volumes',
      { BlockDeviceMappings: attached },
      { ...MACHINE, [STANDARD]: 2, [GP3]: 20, [IO1]: 42, [IO1_IOPS]: 500 },
    ],
    [
      'one that is stopped',
      { State: { Name: 'stopped' }, BlockDeviceMappings: [{ Ebs: { VolumeId: 'vol-1' } }] },
      { instances: 1, [GP3]: 20 },
    ],
  ] as [string, Instance, Record<string, number>][])
    it(`is counted: ${what}`, () => {
      assert.deepEqual(taken(instance), expected);
    });

  it('is little where AWS tells nothing of its type', () => {
    const facts = { type: undefined, volumes, provider: 'one' };
    assert.deepEqual(instanceQuota({ InstanceType: 'm5.large' }, facts), { instances: 1 });
  });

  it('is never less than one instance, whatever AWS says', () => {
    const text = fc.option(fc.string(), { nil: undefined });
    const instance = fc.record({
      InstanceType: text,
      InstanceLifecycle: fc.constantFrom('spot', 'scheduled', undefined),
      State: fc.record({ Name: fc.constantFrom('running', 'stopped', undefined) }),
      Placement: fc.record({ HostId: text }),
      BlockDeviceMappings: fc.array(fc.record({ Ebs: fc.record({ VolumeId: text }) })),
    });
    fc.assert(
      fc.property(instance, (one) => {
        const amounts = taken(one as Instance);
        assert.equal(amounts.instances, 1);
        assert.ok(Object.values(amounts).every((amount) => amount >= 0));
      }),
    );
  });
});
