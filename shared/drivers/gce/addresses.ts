/** The addresses of an instance. Pure. */
import type { GceInstance } from './client/instances.ts';

export interface Addresses {
  /** Undefined: none. */
  readonly publicV4: string | undefined;
  readonly privateV4: string | undefined;
  readonly publicV6: string | undefined;
  readonly privateV6: string | undefined;
  /** Where to connect. */
  readonly interfaceIp: string | undefined;
}

/** Of the first interface; public before private, IPv4 before IPv6. */
export function addressesOf({ networkInterfaces: [main] }: GceInstance): Addresses {
  const publicV4 = filled(main?.accessConfigs[0]?.natIP);
  const privateV4 = filled(main?.networkIP);
  const publicV6 = filled(main?.ipv6AccessConfigs[0]?.externalIpv6);
  // With an external address it is shown here, too.
  const inner = filled(main?.ipv6Address);
  const privateV6 = inner === publicV6 ? undefined : inner;
  const interfaceIp = publicV4 ?? publicV6 ?? privateV4 ?? privateV6;
  return { publicV4, privateV4, publicV6, privateV6, interfaceIp };
}

/** Whether the first interface has its address, and the public one that it is to have. */
export function hasAddresses(instance: GceInstance): boolean {
  const [main] = instance.networkInterfaces;
  const { publicV4, privateV4, privateV6 } = addressesOf(instance);
  const wantsPublic = (main?.accessConfigs.length ?? 0) > 0;
  return (privateV4 ?? privateV6) !== undefined && (!wantsPublic || publicV4 !== undefined);
}

function filled(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
