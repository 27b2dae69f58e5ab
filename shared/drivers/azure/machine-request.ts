/**
 * What Azure is asked for: the body of a machine's creation, with its interface, addresses and disk,
 * which go when it goes. Pure.
 *
 * Facts: nodepool/driver/azure/adapter.py; Virtual Machines - Create Or Update (Microsoft.Compute).
 */
import type {
  ImageReference,
  OSProfile,
  VirtualMachine,
  VirtualMachineNetworkInterfaceIPConfiguration,
} from '@azure/arm-compute';

import type {
  AzureCloudImageOptions,
  AzureDiskimageOptions,
  AzureLabelOptions,
  AzureOptions,
  AzurePoolOptions,
} from '../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import { nodeTags } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import { partNames } from './ids.ts';

export interface MachineWish {
  readonly name: string;
  readonly spec: LaunchSpec;
  readonly config: ProviderConfig;
  readonly image: ImageReference;
  readonly subnetId: string;
  /** A whole number from 0 to below `below`; nobody must be able to guess it. */
  readonly pick: (below: number) => number;
}

/** By which interfaces and addresses that come with a machine are made. */
const NETWORK_API_VERSION = '2020-11-01';

export function machineRequest(wish: MachineWish): VirtualMachine {
  const { name, spec, config, image, subnetId } = wish;
  const { availabilityZone } = spec;
  const label = spec.label.options as AzureLabelOptions;
  const { location } = config.options as AzureOptions;
  return {
    location,
    tags: machineTags(spec),
    ...(availabilityZone !== undefined && { zones: [availabilityZone] }),
    hardwareProfile: { vmSize: label.hardwareProfile['vm-size'] ?? '' },
    osProfile: osProfile(wish),
    storageProfile: {
      imageReference: image,
      osDisk: {
        createOption: 'FromImage',
        deleteOption: 'Delete',
        ...(label.volumeSize !== undefined && { diskSizeGB: label.volumeSize }),
      },
    },
    networkProfile: {
      networkApiVersion: NETWORK_API_VERSION,
      networkInterfaceConfigurations: [
        {
          name: partNames.nic(name),
          deleteOption: 'Delete',
          primary: true,
          ipConfigurations: ipConfigurations(name, spec, subnetId),
        },
      ],
    },
    ...(label.userData !== undefined && { userData: base64(label.userData) }),
  };
}

/** The label's, what depends on the request, Nodepool's own. */
function machineTags(spec: LaunchSpec): Record<string, string> {
  const { tags, dynamicTags } = spec.label.options as AzureLabelOptions;
  return { ...nodeTags({ ...spec, fixed: tags, dynamic: dynamicTags }) };
}

function osProfile({ spec, config, pick }: MachineWish): OSProfile {
  const { label, hostname } = spec;
  const { customData } = label.options as AzureLabelOptions;
  const image = imageOf(spec, config);
  const login = (image?.options ?? {}) as Partial<AzureCloudImageOptions & AzureDiskimageOptions>;
  const password =
    login.password ?? (login.generatePassword === true ? generatePassword(pick) : undefined);
  return {
    computerName: hostname,
    ...(image?.username !== undefined && { adminUsername: image.username }),
    ...(password !== undefined && { adminPassword: password }),
    ...(login.key !== undefined && {
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: {
          publicKeys: [
            {
              path: `/home/${image?.username ?? ''}/.ssh/authorized_keys`,
              keyData: login.key,
            },
          ],
        },
      },
    }),
    ...(customData !== undefined && { customData: base64(customData) }),
  };
}

/** A diskimage wins over a cloud image. */
function imageOf({ label }: LaunchSpec, config: ProviderConfig): ProviderImage | undefined {
  return label.diskimage === undefined
    ? config.cloudImages.get(label.cloudImage ?? '')
    : config.diskimages.get(label.diskimage);
}

function ipConfigurations(
  machine: string,
  { pool }: LaunchSpec,
  subnetId: string,
): VirtualMachineNetworkInterfaceIPConfiguration[] {
  const { ipv4, ipv6, publicIpv4, publicIpv6 } = pool.options as AzurePoolOptions;
  return [
    ...(ipv4 ? [ipConfiguration(machine, 4, subnetId, publicIpv4)] : []),
    ...(ipv6 ? [ipConfiguration(machine, 6, subnetId, publicIpv6)] : []),
  ].map((one, index) => ({ ...one, primary: index === 0 }));
}

/** Only standard addresses may be of both families, and those are static. */
function ipConfiguration(
  machine: string,
  version: 4 | 6,
  subnetId: string,
  isPublic: boolean,
): VirtualMachineNetworkInterfaceIPConfiguration {
  return {
    name: `${machine}-v${version}-config`,
    privateIPAddressVersion: `IPv${version}`,
    subnet: { id: subnetId },
    ...(isPublic && {
      publicIPAddressConfiguration: {
        name: partNames.publicIp(machine, version),
        deleteOption: 'Delete',
        publicIPAddressVersion: `IPv${version}`,
        publicIPAllocationMethod: 'Static',
        sku: { name: 'Standard' },
      },
    }),
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Azure wants three kinds of characters. */
const KINDS: readonly string[] = [LETTERS, LETTERS.toUpperCase(), '0123456789'];
const CHARACTERS = KINDS.join('');
const PASSWORD_LENGTH = 64;

/** Letters and digits in any order, with some of each kind. */
export function generatePassword(pick: (below: number) => number): string {
  const one = (of: string): string => of[pick(of.length)] ?? '';
  const password = Array.from({ length: PASSWORD_LENGTH }, (_, index) =>
    one(KINDS[index] ?? CHARACTERS),
  );
  // The first three are of a known kind: each changes its place with any at or before it.
  for (let index = password.length - 1; index > 0; index--) {
    const other = pick(index + 1);
    [password[index], password[other]] = [password[other] ?? '', password[index] ?? ''];
  }
  return password.join('');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
