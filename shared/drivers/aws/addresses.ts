/** The addresses of an instance, from what AWS shows. Pure. Facts: nodepool/driver/aws/adapter.py. */
import type { Instance } from '@aws-sdk/client-ec2';

export interface Addresses {
  /** Undefined: none. */
  readonly publicV4: string | undefined;
  readonly privateV4: string | undefined;
  /** The first one of the first network interface; AWS has no private ones. */
  readonly publicV6: string | undefined;
  /** Where to connect. */
  readonly interfaceIp: string | undefined;
}

type AddressedInstance = Pick<
  Instance,
  'PublicIpAddress' | 'PrivateIpAddress' | 'NetworkInterfaces'
>;

export function addressesOf(instance: AddressedInstance): Addresses {
  const publicV4 = given(instance.PublicIpAddress);
  const privateV4 = given(instance.PrivateIpAddress);
  const publicV6 = given(instance.NetworkInterfaces?.[0]?.Ipv6Addresses?.[0]?.Ipv6Address);
  return { publicV4, privateV4, publicV6, interfaceIp: publicV4 ?? publicV6 ?? privateV4 };
}

function given(address: string | undefined): string | undefined {
  return address === '' ? undefined : address;
}
