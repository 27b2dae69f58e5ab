import assert from 'node:assert/strict';

import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { hostListing, instanceListing } from '../../../../shared/drivers/aws/instance-list.ts';
import { InstanceTypes } from '../../../../shared/drivers/aws/instance-types.ts';
import { Quotas } from '../../../../shared/drivers/aws/quotas.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const STANDARD = 'L-1216C47A';
const STANDARD_SPOT = 'L-34B43A08';
const M5_HOSTS = 'L-8B7BF662';
const GP2 = 'L-D18FCD1D';
const IO1 = 'L-FD252861';
const IO1_IOPS = 'L-B3A130E6';

const LABELS = `
  - {name: plain, instance-type: t3.micro}
  - {name: spot, instance-type: m5.large, use-spot: true}
  - {name: volume, instance-type: t3.micro, volume-type: io1, volume-size: 80, iops: 900}
  - {name: host, instance-type: m5.large, dedicated-host: true}
  - {name: fleet, volume-type: gp2, volume-size: 9, fleet: {instance-types: [t9.huge, m5.large], allocation-strategy: prioritized}}
  - {name: spot fleet, use-spot: true, fleet: {instance-types: [m5.large], allocation-strategy: prioritized}}
  - {name: wrong, instance-type: t9.huge}
  - {name: wrong host, instance-type: m9.huge, dedicated-host: true}
  - {name: wrong fleet, fleet: {instance-types: [t9.huge, m9.huge], allocation-strategy: prioritized}}
  - {name: nothing}
  - {name: host of a fleet, dedicated-host: true, fleet: {instance-types: [m5.large], allocation-strategy: prioritized}}
`;

const configOf = (labels = LABELS) =>
  providerConfig(`
name: one
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    availability-zone: us-west-2a
    labels: ${labels.replaceAll('- {', '- {cloud-image: image, key-name: key, ').replaceAll('\n', '\n    ')}
`);

async function subject(options: Partial<AwsCloudOptions> & { labels?: string } = {}) {
  const { labels, ...rest } = options;
  const { clock, cloud, services, log, warnings } = await servicesSubject(rest);
  await services.limits.quotas('ec2', never());
  cloud.calls.length = 0;
  const config = configOf(labels);
  const { compute } = services;
  const listing = { compute, clock, pollSeconds: 1 };
  const quotas = new Quotas({
    ...{ config, services, clock, log },
    types: new InstanceTypes({ config, compute }),
    instances: instanceListing(listing),
    hosts: hostListing(listing),
    volumes: new SharedListing({
      ...{ clock, pollSeconds: 1, list: (signal) => compute.volumes(signal) },
    }),
  });
  const wait = <T>(promise: Promise<T>): Promise<T> => settleByTurning(clock, promise);
  const labelNamed = (name: string) => labelOf(config, name).label;
  return {
    ...{ cloud, clock, warnings },
    limits: () => wait(quotas.limits(never())),
    instances: () => wait(quotas.instances(never())),
    need: (name: string) => wait(quotas.need(labelNamed(name), never())),
    taken: (name: string, InstanceType: string | undefined) =>
      wait(
        quotas.ofInstance({ InstanceType: InstanceType as 'm5.large' }, labelNamed(name), never()),
      ),
  };
}

const MICRO = { instances: 1, cores: 1, ram: 1024, [STANDARD]: 2 };
const LARGE = { instances: 1, cores: 1, ram: 8192, [STANDARD]: 2 };
const LARGE_SPOT = { instances: 1, cores: 1, ram: 8192, [STANDARD_SPOT]: 2 };

describe('what a label needs in AWS', () => {
  for (const [label, need] of Object.entries({
    plain: MICRO,
    spot: LARGE_SPOT,
    volume: { ...MICRO, [IO1]: 80, [IO1_IOPS]: 900 },
    host: { instances: 1, [M5_HOSTS]: 1 },
    fleet: { instances: 1, [GP2]: 9 },
  }))
    it(`is its type and what comes with it: ${label}`, async () => {
      assert.deepEqual(await (await subject()).need(label), need);
    });

  for (const label of ['wrong', 'wrong host', 'wrong fleet', 'nothing', 'host of a fleet'])
    it(`cannot be told of what there is not, and others go on: ${label}`, async () => {
      const { need } = await subject();
      await assert.rejects(need(label), (error: CloudError) => {
        assert.equal(error.code, 'NP_CLOUD_FATAL');
        assert.ok(error.hint);
        return true;
      });
      assert.deepEqual(await need('plain'), MICRO);
    });

  it('is asked for in one call where all types exist', async () => {
    const labels = `
      - {name: one, instance-type: t3.micro}
      - {name: two, instance-type: m5.large}
      - {name: three, instance-type: c5.large}
    `;
    const { need, cloud } = await subject({ labels });
    for (const label of ['one', 'two', 'three', 'one']) await need(label);
    assert.deepEqual(cloud.calls, ['DescribeInstanceTypes']);
  });
});

describe('what an instance in AWS takes after its launch', () => {
  for (const [label, type, taken] of [
    ['fleet', 'm5.large', { ...LARGE, [GP2]: 9 }],
    ['spot fleet', 'm5.large', LARGE_SPOT],
    ['plain', 't3.micro', MICRO],
    ['host', 'm5.large', { instances: 1, [M5_HOSTS]: 1 }],
    ['plain', undefined, MICRO],
  ] as const)
    it(`is known by its type: ${label}, ${String(type)}`, async () => {
      assert.deepEqual(await (await subject()).taken(label, type), taken);
    });
});

describe('limits of an account of AWS', () => {
  it('are those of what is configured, without what is of no instance', async () => {
    const { cloud, limits } = await subject();
    Object.assign(cloud.limits, { [STANDARD]: 32, [M5_HOSTS]: 2, [IO1]: 3 });
    cloud.plant.host();
    cloud.plant.volume({ type: 'io1', sizeGib: 500, iops: 100 });
    assert.deepEqual(await limits(), {
      ...{ [STANDARD]: 32, [STANDARD_SPOT]: 10_000, [M5_HOSTS]: 1, [IO1]: 2500 },
      ...{ [IO1_IOPS]: 9900, [GP2]: 10_000_000 },
    });
  });

  it('cost few calls: limits are kept for five minutes, and what limits nothing is not asked for', async () => {
    const { cloud, limits, clock } = await subject({
      labels: '\n- {name: small, instance-type: t3.micro}',
    });
    await limits();
    await limits();
    assert.deepEqual(cloud.calls, ['ListServiceQuotas']);
    cloud.limits[STANDARD] = 7;
    await clock.advance(300_000);
    assert.deepEqual(await limits(), { [STANDARD]: 7 });
  });

  it('are none, and that is said once, for whom Service Quotas does not answer', async () => {
    const { cloud, limits, warnings } = await subject();
    const denied = { status: 400, code: 'AccessDeniedException', times: 4 } as const;
    cloud.arm({ call: 'ListServiceQuotas', mode: 'fail', ...denied });
    assert.deepEqual(await limits(), {});
    assert.deepEqual(await limits(), {});
    const said = warnings.filter(({ message }) => message === 'limits of AWS unknown');
    assert.equal(said.length, 1);
    assert.ok(Object.keys(await limits()).length > 0);
  });

  it('are not taken for none because AWS fails', async () => {
    const { cloud, limits } = await subject();
    cloud.arm({ call: 'ListServiceQuotas', mode: 'fail', times: 100 });
    await assert.rejects(limits());
  });

  it('are known from all pages', async () => {
    const { limits } = await subject({ pageSize: 1 });
    assert.equal(Object.keys(await limits()).length, 6);
  });
});

describe('instances of an account of AWS', () => {
  it('are listed with what they take, foreign ones too', async () => {
    const { cloud, instances } = await subject();
    const own = cloud.plant.instance({ tags: { a: 'b' } });
    const foreign = cloud.plant.instance({ type: 'm5.large', isSpot: true, hasVolume: false });
    assert.deepEqual(
      new Set(await instances()),
      new Set([
        { externalId: { instance: own }, metadata: { a: 'b' }, resources: { ...MICRO, [GP2]: 8 } },
        { externalId: { instance: foreign }, metadata: {}, resources: LARGE_SPOT },
      ]),
    );
  });

  it('are listed without their volumes where these have no limits', async () => {
    const { cloud, instances } = await subject({
      labels: '\n- {name: small, instance-type: t3.micro}',
    });
    cloud.plant.instance();
    assert.deepEqual((await instances())[0]?.resources, MICRO);
    assert.equal(countOf(cloud, 'DescribeVolumes'), 0);
  });

  it('are listed whole or not at all', async () => {
    const { cloud, instances } = await subject({ pageSize: 1 });
    for (let count = 0; count < 3; count++) cloud.plant.instance();
    assert.equal((await instances()).length, 3);
    cloud.arm({ call: 'DescribeInstances page', mode: 'fail', times: 100 });
    await assert.rejects(instances());
  });
});
