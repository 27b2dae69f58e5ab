/**
 * What nova is asked for: the body of a server's creation. Pure.
 *
 * Facts: nodepool/driver/openstack/adapter.py and openstacksdk's `create_server`.
 */
import type { OpenStackLabelOptions } from '../../../schemas/config/drivers/openstack.ts';
import { nodeTags } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import type { ServerRequest } from './client/compute.ts';

export interface ServerWish {
  readonly spec: LaunchSpec;
  readonly provider: string;
  /** Nodepool's name of the image. */
  readonly imageName: string;
  /** The cloud's id of it. */
  readonly imageId: string;
  readonly configDrive: boolean | undefined;
  readonly flavorId: string;
  readonly networkIds: readonly string[];
  readonly securityGroups: readonly string[];
}

export function serverRequest(wish: ServerWish): ServerRequest {
  const { spec, imageId, networkIds, securityGroups } = wish;
  const label = spec.label.options as OpenStackLabelOptions;
  return {
    name: spec.hostname,
    flavorRef: wish.flavorId,
    metadata: serverMetadata(wish),
    ...(label.bootFromVolume
      ? { imageRef: '', block_device_mapping_v2: [rootVolume(imageId, label.volumeSizeGb)] }
      : { imageRef: imageId }),
    ...(wish.configDrive === true && { config_drive: true }),
    ...(label.keyName && { key_name: label.keyName }),
    ...(spec.availabilityZone && { availability_zone: spec.availabilityZone }),
    ...(securityGroups.length > 0 && { security_groups: securityGroups.map((name) => ({ name })) }),
    ...(label.userdata && { user_data: Buffer.from(label.userdata).toString('base64') }),
    ...(networkIds.length > 0 && { networks: networkIds.map((uuid) => ({ uuid })) }),
    min_count: 1,
    max_count: 1,
  };
}

/** The volume goes with its server. */
function rootVolume(imageId: string, sizeGb: number): Readonly<Record<string, unknown>> {
  return {
    boot_index: 0,
    uuid: imageId,
    source_type: 'image',
    destination_type: 'volume',
    volume_size: sizeGb,
    delete_on_termination: true,
  };
}

/** The label's properties win over the groups, Nodepool's tags over all. */
function serverMetadata({
  spec,
  provider,
  imageName,
}: ServerWish): Readonly<Record<string, string>> {
  const { instanceProperties, dynamicInstanceProperties } = spec.label
    .options as OpenStackLabelOptions;
  const groups = [provider, imageName, spec.label.name].join(',');
  return nodeTags({
    ...spec,
    fixed: { groups, ...instanceProperties },
    dynamic: dynamicInstanceProperties,
  });
}
