import assert from 'node:assert/strict';

import { LaunchTemplates } from '../../../../shared/drivers/aws/launch-templates.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

// What Python's json.dumps and hashlib make of the same options.
const PLAIN =
  'nodepool-launch-template-c829f58358894de8225264893cbc2796b3cc2ebf1f9fc1dc7aab03d28d9ddeb0';
const FULL =
  'nodepool-launch-template-78fc0f23e939770c9b3c11784aa12d95a1d5837c0bacd1a17e197c73248519a2';

const FLEET = 'fleet: {instance-types: [m5.large], allocation-strategy: lowest-price}';

const config = providerConfig(`
name: aws
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    security-group-id: sg-0a0a0a0a0a0a0a0a0
    labels:
      - {name: plain, cloud-image: image, key-name: key, ${FLEET}}
      - {name: same, cloud-image: image, key-name: key, use-spot: true, ${FLEET}}
      - name: full
        cloud-image: image
        key-name: schlüssel
        volume-size: 40
        volume-type: gp3
        iops: 4000
        throughput: 200
        imdsv2: required
        userdata: 'echo "a"'
        ${FLEET}
      - {name: other, cloud-image: image, key-name: key, instance-type: t3.micro}
`);

const CREATE = 'CreateLaunchTemplate';

async function subject(of = config) {
  const { clock, cloud, services, log, warnings } = await servicesSubject({ pageSize: 1 });
  cloud.catalog.keyPairs.add('schlüssel');
  const templates = new LaunchTemplates({ config: of, compute: services.compute, log });
  /** One that exists already. */
  const plant = (name: string, provider: string): void => {
    cloud.templates.add({
      ...{ id: `lt-${String(cloud.templates.size).padStart(17, '0')}`, name, data: {} },
      ...{ createdMs: 0, tags: { nodepool_managed: 'True', nodepool_provider_name: provider } },
    });
  };
  return {
    ...{ clock, cloud, templates, warnings, plant },
    names: () => cloud.templates.all().map(({ name }) => name),
    place: (label: string) => labelOf(of, label),
  };
}

describe('launch templates', () => {
  it('are named as Python Nodepool names them', async () => {
    const { templates, place } = await subject();
    const nameFor = (label: string): string =>
      templates.nameFor(place(label).pool, place(label).label);
    assert.equal(nameFor('plain'), PLAIN);
    assert.equal(nameFor('same'), PLAIN);
    assert.equal(nameFor('full'), FULL);
  });

  it('are made where they are missing, one for all labels that want the same', async () => {
    const { cloud, templates, names } = await subject();
    await templates.prepare(never());
    assert.deepEqual(names(), [PLAIN, FULL]);
    const [, full] = cloud.templates.all();
    assert.deepEqual(full?.tags, { nodepool_managed: 'True', nodepool_provider_name: 'aws' });
    assert.deepEqual(full.data, {
      KeyName: 'schlüssel',
      SecurityGroupId: ['sg-0a0a0a0a0a0a0a0a0'],
      BlockDeviceMapping: [
        {
          DeviceName: '/dev/sda1',
          Ebs: {
            ...{ DeleteOnTermination: true, VolumeSize: 40, VolumeType: 'gp3', Iops: 4000 },
            Throughput: 200,
          },
        },
      ],
      MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
      UserData: Buffer.from('echo "a"').toString('base64'),
    });
    await templates.prepare(never());
    assert.equal(countOf(cloud, CREATE), 2);
  });

  it('of this provider that no label uses are deleted, those of others are not', async () => {
    const { templates, names, plant, warnings } = await subject();
    plant(`${PLAIN.slice(0, -1)}a`, 'aws');
    plant(`${PLAIN.slice(0, -1)}b`, 'other');
    plant('somebody', 'aws');
    plant(FULL, 'other');
    await templates.prepare(never());
    assert.deepEqual(names(), [`${PLAIN.slice(0, -1)}b`, 'somebody', FULL, PLAIN]);
    assert.deepEqual(warnings, []);
  });

  it('that cannot be made keep no other from being made', async () => {
    const { cloud, templates, names, warnings } = await subject();
    cloud.arm({ call: CREATE, mode: 'fail', status: 400, code: 'UnauthorizedOperation' });
    await templates.prepare(never());
    assert.deepEqual(names(), [FULL]);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['launch template not made'],
    );
  });

  it('that may not be listed are said, and keep no provider from its start', async () => {
    const { clock, cloud, templates, names, warnings } = await subject();
    const call = 'DescribeLaunchTemplates';
    cloud.arm({ call, mode: 'fail', status: 403, code: 'UnauthorizedOperation' });
    await templates.prepare(never());
    assert.deepEqual(names(), []);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['launch templates not listed'],
    );
    cloud.arm({ call, mode: 'fail', status: 500, times: 3 });
    await assert.rejects(settleByTurning(clock, templates.prepare(never())));
  });

  it('are not looked for where no label has a fleet', async () => {
    const pools = config.pools.map((pool) => ({
      ...pool,
      labels: new Map([['other', labelOf(config, 'other').label]]),
    }));
    const { cloud, templates } = await subject({ ...config, pools });
    await templates.prepare(never());
    assert.deepEqual(cloud.calls, []);
  });

  it('are made once more where somebody has deleted them', async () => {
    const { cloud, templates, names, place } = await subject();
    await templates.prepare(never());
    const { pool, label } = place('plain');
    assert.equal(await templates.restore(pool, label, never()), false);
    for (const { id } of cloud.templates.all()) cloud.templates.delete(id);
    assert.equal(await templates.restore(pool, label, never()), true);
    assert.deepEqual(names(), [PLAIN]);
  });

  it('take no options that the original does not put into them, which is said', async () => {
    const [pool] = config.pools;
    assert.ok(pool);
    const { label } = labelOf(config, 'plain');
    const of = (changes: object, poolChanges: object = {}): typeof config => ({
      ...config,
      pools: [
        {
          ...pool,
          options: { ...(pool.options as object), ...poolChanges },
          labels: new Map([
            ['plain', { ...label, options: { ...(label.options as object), ...changes } }],
          ]),
        },
      ],
    });
    const profile = { iamInstanceProfile: { name: 'profile' }, ebsOptimized: true };
    const { templates, names, warnings } = await subject(of(profile, { publicIpv6: true }));
    await templates.prepare(never());
    assert.deepEqual(names(), [PLAIN]);
    assert.deepEqual(
      warnings.map(({ fields }) => [fields?.label, fields?.options]),
      [['plain', 'iam-instance-profile, ebs-optimized, public-ipv6']],
    );
    const quiet = await subject(of({}));
    await quiet.templates.prepare(never());
    assert.deepEqual(quiet.warnings, []);
  });

  it('need no security group', async () => {
    const [pool] = config.pools;
    assert.ok(pool);
    const { cloud, templates } = await subject({
      ...config,
      pools: [{ ...pool, options: { ...(pool.options as object), securityGroupId: undefined } }],
    });
    await templates.prepare(never());
    assert.deepEqual(
      cloud.templates.all().map(({ data }) => data.SecurityGroupId),
      [undefined, undefined],
    );
  });
});
