/**
 * The `aws` driver in a launcher where the account has no room: a request waits for as long as the quota
 * is used up, and no attempt is counted; other failures of an instance count.
 */
import assert from 'node:assert/strict';

import type { AwsCloud } from '../../../fixtures/aws-cloud/cloud.ts';
import type { Limits } from '../../../fixtures/aws-cloud/ground.ts';
import { AwsSite, awsProvider } from '../../support/aws-site.ts';
import { waitForRoom } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';

interface Case {
  readonly what: string;
  readonly label?: Readonly<Record<string, unknown>>;
  /** Room for two nodes. */
  readonly limits?: Limits;
  /** Takes what one of them needs. */
  readonly fill: (cloud: AwsCloud) => unknown;
  readonly refused: string;
  /** In the log. */
  readonly words: RegExp;
}

const FLEET = { 'instance-types': ['m5.large', 'c5.large'], 'allocation-strategy': 'lowest-price' };

const CASES: readonly Case[] = [
  {
    what: 'EC2 refuses an instance for its vCPUs',
    limits: { 'L-1216C47A': 4 },
    fill: ({ plant }) => plant.instance({ type: 'm5.large' }),
    refused: 'RunInstances',
    words: /VcpuLimitExceeded/,
  },
  {
    what: 'EC2 refuses a spot instance',
    label: { 'use-spot': true },
    limits: { 'L-34B43A08': 4 },
    fill: ({ plant }) => plant.instance({ type: 'm5.large', isSpot: true }),
    refused: 'RunInstances',
    words: /MaxSpotInstanceCountExceeded/,
  },
  {
    what: 'EC2 refuses an instance for its volume',
    label: { 'volume-type': 'gp3', 'volume-size': 500 },
    limits: { 'L-7A658B76': 1 },
    fill: ({ plant }) => plant.volume({ type: 'gp3', sizeGib: 400 }),
    refused: 'RunInstances',
    words: /VolumeLimitExceeded.*gp3 storage limit of 1 TiB/,
  },
  {
    what: 'the subnet has no address left',
    fill: ({ catalog: { subnets } }) => {
      for (const subnet of subnets) subnet.freeAddresses = 0;
    },
    refused: 'RunInstances',
    words: /InsufficientFreeAddressesInSubnet/,
  },
  {
    what: 'EC2 makes no instance of a fleet',
    label: { fleet: FLEET },
    limits: { 'L-1216C47A': 4 },
    fill: ({ plant }) => plant.instance({ type: 'm5.large' }),
    refused: 'CreateFleet',
    words: /CreateFleet.*VcpuLimitExceeded/,
  },
  {
    what: 'EC2 refuses a host',
    label: { 'dedicated-host': true },
    limits: { 'L-8B7BF662': 2 },
    fill: ({ plant }) => plant.host(),
    refused: 'AllocateHosts',
    words: /HostLimitExceeded/,
  },
];

describe('the aws driver in a launcher before a full account', () => {
  let site: AwsSite;
  beforeEach(async () => {
    site = await AwsSite.open();
  });
  afterEach(() => site.close());

  const providers = (retries: number, label = {}): readonly Readonly<Record<string, unknown>>[] => [
    awsProvider({ labels: { small: label }, provider: { 'launch-retries': retries } }),
  ];

  for (const { what, label, limits = {}, fill, refused, words } of CASES)
    it(`lets the request wait, and counts no attempt, where ${what}`, async () => {
      const { cloud } = site;
      cloud.limits = limits;
      await site.play(
        (scene) =>
          waitForRoom(scene, { cloud, label: 'small', fill: () => fill(cloud), refused, words }),
        { providers: providers(1, label) },
      );
    });

  it('lets it wait where an instance ends for its volume', async () => {
    const { cloud } = site;
    const { instances } = cloud;
    await site.play(
      async ({ zuul, own }) => {
        instances.failure = {
          code: 'Client.VolumeLimitExceeded',
          message: 'Client.VolumeLimitExceeded: Volume limit exceeded',
        };
        const id = await zuul.submit(['small']);
        await eventually(() =>
          own.lines.some((line) => line.includes('the cloud has no quota left')),
        );
        instances.failure = undefined;
        await zuul.untilState(id, 'fulfilled');
        assert.ok(!own.lines.some((line) => line.includes('launch failed')));
      },
      { providers: providers(1) },
    );
  });

  it('gives the request up where an instance ends for another reason, and that was the last attempt', async () => {
    site.cloud.instances.failure = {
      code: 'Server.InternalError',
      message: 'Server.InternalError: Internal error on launch',
    };
    await site.play(
      async ({ zuul }) => {
        await zuul.untilState(await zuul.submit(['small']), 'failed');
        await site.untilEmpty();
      },
      { providers: providers(1) },
    );
  });
});
