import assert from 'node:assert/strict';

import type { AwsLabelOptions } from '../../../../schemas/config/drivers/aws.ts';
import { fleetRequest } from '../../../../shared/drivers/aws/fleet.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';

function requestOf(strategy: string, { label = '', pool = '' } = {}) {
  const config = providerConfig(`
name: aws
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    ${pool}
    labels:
      - name: label
        cloud-image: image
        key-name: key
        fleet: {instance-types: [m5.large, t3.micro], allocation-strategy: ${strategy}}
        ${label}
`);
  const spec = launchSpec(config, 'label');
  const { fleet } = spec.label.options as AwsLabelOptions;
  assert.ok(fleet);
  return fleetRequest({ spec, fleet, imageId: 'ami-1', templateName: 'template' });
}

const overridesOf = (...args: Parameters<typeof requestOf>) =>
  requestOf(...args).LaunchTemplateConfigs?.[0]?.Overrides;

describe('the request for a fleet', () => {
  it('is for one instance at once, of a launch template, with our tags', () => {
    const { TagSpecifications, ...rest } = requestOf('lowest-price');
    assert.deepEqual(rest, {
      Type: 'instant',
      TargetCapacitySpecification: {
        TotalTargetCapacity: 1,
        DefaultTargetCapacityType: 'on-demand',
      },
      OnDemandOptions: { AllocationStrategy: 'lowest-price' },
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateName: 'template', Version: '$Latest' },
          Overrides: [
            { ImageId: 'ami-1', InstanceType: 'm5.large' },
            { ImageId: 'ami-1', InstanceType: 't3.micro' },
          ],
        },
      ],
    });
    assert.deepEqual(
      TagSpecifications?.map(({ ResourceType, Tags }) => [ResourceType, Tags?.length]),
      [
        ['instance', 4],
        ['volume', 4],
      ],
    );
  });

  it('is for a spot instance where the label wants one', () => {
    const request = requestOf('price-capacity-optimized', { label: 'use-spot: true' });
    assert.equal(request.TargetCapacitySpecification?.DefaultTargetCapacityType, 'spot');
    assert.deepEqual(request.SpotOptions, { AllocationStrategy: 'price-capacity-optimized' });
    assert.equal(request.OnDemandOptions, undefined);
  });

  it('says that the order of the types is their priority, where it matters', () => {
    assert.deepEqual(
      overridesOf('prioritized')?.map(({ Priority }) => Priority),
      [0, 1],
    );
    assert.deepEqual(
      overridesOf('lowest-price')?.map(({ Priority }) => Priority),
      [undefined, undefined],
    );
  });

  it('is for the subnet of the pool, or else for its zone', () => {
    const zone = 'availability-zone: us-west-2a';
    const [first] = overridesOf('lowest-price', { pool: zone }) ?? [];
    assert.equal(first?.AvailabilityZone, 'us-west-2a');
    const pool = `subnet-id: subnet-1\n    ${zone}`;
    const [second] = overridesOf('lowest-price', { pool }) ?? [];
    assert.equal(second?.SubnetId, 'subnet-1');
    assert.equal(second.AvailabilityZone, undefined);
  });
});
