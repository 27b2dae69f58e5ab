/**
 * A fleet of one instance, for which AWS chooses among the label's instance types. Pure.
 *
 * Facts: nodepool/driver/aws/adapter.py (`_createFleet`); EC2's API reference, CreateFleet. What a
 * fleet cannot be asked for directly stands in a launch template (launch-templates.ts).
 */
import type {
  CreateFleetCommandInput,
  FleetLaunchTemplateOverridesRequest,
  FleetOnDemandAllocationStrategy,
  SpotAllocationStrategy,
  _InstanceType,
} from '@aws-sdk/client-ec2';

import type { AwsLabelOptions, AwsPoolOptions } from '../../../schemas/config/drivers/aws.ts';
import type { LaunchSpec } from '../driver.ts';
import { labelOptions, nodeTagSpecifications, zoneOf } from './instance-request.ts';

export type Fleet = NonNullable<AwsLabelOptions['fleet']>;

export interface FleetWish {
  readonly spec: LaunchSpec;
  readonly fleet: Fleet;
  readonly imageId: string;
  readonly templateName: string;
}

export function fleetRequest(wish: FleetWish): CreateFleetCommandInput {
  const { spec, fleet, templateName } = wish;
  const strategy = fleet['allocation-strategy'];
  const { useSpot } = labelOptions(spec);
  return {
    Type: 'instant',
    TargetCapacitySpecification: {
      TotalTargetCapacity: 1,
      DefaultTargetCapacityType: useSpot ? 'spot' : 'on-demand',
    },
    // AWS says itself which strategies it has for which kind.
    ...(useSpot
      ? { SpotOptions: { AllocationStrategy: strategy as SpotAllocationStrategy } }
      : { OnDemandOptions: { AllocationStrategy: strategy as FleetOnDemandAllocationStrategy } }),
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateName: templateName, Version: '$Latest' },
        Overrides: overridesOf(wish),
      },
    ],
    TagSpecifications: nodeTagSpecifications(spec, ['instance', 'volume']),
  };
}

/** The order of the types is their priority, which AWS does not take from the order. */
function overridesOf({ spec, fleet, imageId }: FleetWish): FleetLaunchTemplateOverridesRequest[] {
  const { subnetId } = spec.pool.options as AwsPoolOptions;
  const zone = zoneOf(spec);
  const isPrioritized = fleet['allocation-strategy'] === 'prioritized';
  return (fleet['instance-types'] ?? []).map((type, index) => ({
    ImageId: imageId,
    InstanceType: type as _InstanceType,
    // A subnet stands in one zone: with one there is nothing to choose.
    ...(subnetId ? { SubnetId: subnetId } : zone && { AvailabilityZone: zone }),
    ...(isPrioritized && { Priority: index }),
  }));
}
