/** The addresses of a machine, from its network interface and its public addresses. Pure. */
import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';

import { isSameId } from './ids.ts';

export interface Addresses {
  /** Undefined: none. */
  readonly publicV4: string | undefined;
  readonly privateV4: string | undefined;
  readonly publicV6: string | undefined;
  readonly privateV6: string | undefined;
  /** Where to connect. */
  readonly interfaceIp: string | undefined;
}

/** Whether all its configurations have their private address. */
export function hasPrivateAddresses({ ipConfigurations = [] }: NetworkInterface): boolean {
  return (
    ipConfigurations.length > 0 &&
    ipConfigurations.every(({ privateIPAddress }) => isAddress(privateIPAddress))
  );
}

/** Ids of the public addresses that belong to an interface. */
export function publicIpIds({ ipConfigurations = [] }: NetworkInterface): readonly string[] {
  return ipConfigurations.flatMap(({ publicIPAddress }) => publicIPAddress?.id ?? []);
}

/** Those of `wanted` that are there and have their address; undefined: not all are. */
export function allAssigned(
  publicIps: readonly PublicIPAddress[],
  wanted: readonly string[],
): readonly PublicIPAddress[] | undefined {
  const found = publicIps.filter(
    ({ id, ipAddress }) => isAddress(ipAddress) && wanted.some((one) => isSameId(id, one)),
  );
  return found.length === wanted.length ? found : undefined;
}

/** Public before private, IPv4 before IPv6. */
export function addressesOf(
  { ipConfigurations = [] }: NetworkInterface,
  publicIps: readonly PublicIPAddress[],
): Addresses {
  const privateOf = (version: string): string | undefined =>
    ipConfigurations.find((one) => (one.privateIPAddressVersion ?? 'IPv4') === version)
      ?.privateIPAddress;
  const publicOf = (version: string): string | undefined =>
    publicIps.find((one) => (one.publicIPAddressVersion ?? 'IPv4') === version)?.ipAddress;
  const publicV4 = publicOf('IPv4');
  const publicV6 = publicOf('IPv6');
  const privateV4 = privateOf('IPv4');
  const privateV6 = privateOf('IPv6');
  const interfaceIp = publicV4 ?? publicV6 ?? privateV4 ?? privateV6;
  return { publicV4, privateV4, publicV6, privateV6, interfaceIp };
}

function isAddress(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
