/**
 * What nova is asked for: the body of a server's creation. Pure.
 *
 * Facts: nodepool/driver/openstack/adapter.py and openstacksdk's `create_server`.
 */
import type { OpenStackLabelOptions } from '../../../schemas/config/drivers/openstack.ts';
import { formatTemplate } from '../../cloud/template.ts';
import type { LaunchSpec, RequestFacts } from '../driver.ts';
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

/** Later ones win: groups, the label's properties, what depends on the request, Nodepool's tags. */
function serverMetadata({ spec, provider, imageName }: ServerWish): Record<string, string> {
  const { instanceProperties, dynamicInstanceProperties } = spec.label
    .options as OpenStackLabelOptions;
  const properties: Record<string, unknown> = {
    groups: [provider, imageName, spec.label.name].join(','),
    ...instanceProperties,
  };
  for (const [key, template] of Object.entries(dynamicInstanceProperties)) {
    const value = formatTemplate(String(template), attributesOf(spec.request));
    if (value.ok) properties[key] = value.text;
    else
      spec.log.warn('dynamic instance property left out', { property: key, reason: value.reason });
  }
  // Nova takes texts only.
  const texts = Object.entries(properties).map(([key, value]) => [key, textOf(value)] as const);
  return { ...Object.fromEntries(texts), ...spec.metadata };
}

/** By their Python names: nodepool/zk/zookeeper.py, `getSafeAttributes`. */
function attributesOf(request: RequestFacts): Readonly<Record<string, unknown>> {
  return {
    id: request.id,
    labels: request.labels,
    requestor: request.requestor,
    requestor_data: request.requestorData,
    relative_priority: request.relativePriority,
    event_id: request.eventId,
    created_time: request.createdTime,
    tenant_name: request.tenantName,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
