/** What IBM is asked for when a machine is made. Pure. Facts: nodepool/driver/ibmvpc/adapter.py. */
import type {
  IbmVpcLabelOptions,
  IbmVpcPoolOptions,
} from '../../../schemas/config/drivers/ibmvpc.ts';
import type { LaunchSpec } from '../driver.ts';
import type { InstanceRequest } from './client/instances.ts';

/** An image by its id or its URL. */
export type ImageReference = { readonly id: string } | { readonly href: string };

/** What was looked up for a machine. */
export interface Chosen {
  readonly image: ImageReference;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly groupId: string;
  readonly keyIds: readonly string[];
}

export function machineRequest(
  name: string,
  { pool, label }: Pick<LaunchSpec, 'pool' | 'label'>,
  { image, vpcId, subnetId, groupId, keyIds }: Chosen,
): InstanceRequest {
  const { zone } = pool.options as IbmVpcPoolOptions;
  const { profile, userData } = label.options as IbmVpcLabelOptions;
  return {
    name,
    keys: keyIds.map((id) => ({ id })),
    profile: { name: profile },
    resource_group: { id: groupId },
    vpc: { id: vpcId },
    image,
    primary_network_interface: { name: 'eth0', subnet: { id: subnetId } },
    zone: { name: zone },
    boot_volume_attachment: {
      volume: { name, profile: { name: 'general-purpose' } },
      delete_volume_on_instance_delete: true,
    },
    ...(userData !== undefined && userData !== '' && { user_data: userData }),
  };
}
