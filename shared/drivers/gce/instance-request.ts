/**
 * What Google is asked for: the body of an instance's creation, with its disk, which goes when it goes,
 * and its addresses. Pure.
 *
 * Facts: nodepool/driver/gce/adapter.py; Compute Engine, instances.insert.
 */
import type { GceCloudImageOptions, GceLabelOptions } from '../../../schemas/config/drivers/gce.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError } from '../../base/errors.ts';
import type { LaunchSpec } from '../driver.ts';
import type { InstanceRequest } from './client/instances.ts';

export interface InstanceWish {
  readonly name: string;
  readonly spec: LaunchSpec;
  readonly config: ProviderConfig;
  readonly zone: string;
  /** As Google knows the image. */
  readonly image: string;
  /** Link to the machine type. */
  readonly machineType: string;
}

/** @throws CloudError NP_CLOUD_FATAL where a key has nobody to belong to. */
export function instanceRequest(wish: InstanceWish): InstanceRequest {
  const { name, spec, config, zone, image, machineType } = wish;
  const { volumeType, volumeSize } = spec.label.options as GceLabelOptions;
  const metadata = { ...spec.metadata, ...sshKeys(spec, config) };
  return {
    name,
    machineType,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: {
          sourceImage: image,
          diskType: `zones/${zone}/diskTypes/${volumeType}`,
          diskSizeGb: String(volumeSize),
        },
      },
    ],
    networkInterfaces: [
      {
        network: 'global/networks/default',
        accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
      },
    ],
    serviceAccounts: [],
    metadata: { items: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
  };
}

/** The image's own key, for its user. */
function sshKeys({ label }: LaunchSpec, config: ProviderConfig): Readonly<Record<string, string>> {
  const image = config.cloudImages.get(label.cloudImage ?? '');
  const { key } = (image?.options ?? {}) as Partial<GceCloudImageOptions>;
  if (image === undefined || key === undefined || key === '') return {};
  if (image.username === undefined)
    throw new CloudError('NP_CLOUD_FATAL', `cloud image ${image.name} has a key, but no user`, {
      hint: `name its username at ${config.place}`,
    });
  return { 'ssh-keys': `${image.username}:${key}` };
}
