/**
 * The addresses of a server, from what nova shows and the networks' roles. Pure.
 *
 * Facts: openstacksdk, openstack/cloud/meta.py. Unlike there, nothing is tried out by connecting to
 * it: of several addresses that would do the first is taken, floating ones before fixed ones.
 */
import { isIPv4 } from 'node:net';

import type { Networking } from './client/cloud-config.ts';
import type { Server, ServerAddress } from './client/compute.ts';
import type { NetworkRoles } from './network-roles.ts';

export interface Addresses {
  /** Undefined: none. */
  readonly publicV4: string | undefined;
  readonly privateV4: string | undefined;
  readonly publicV6: string | undefined;
  /** Where to connect. */
  readonly interfaceIp: string | undefined;
}

export interface AddressView {
  readonly networking: Networking;
  readonly roles: NetworkRoles;
  /** Whether this host can reach IPv6 addresses. */
  readonly hasIpv6: boolean;
}

type AddressedServer = Pick<Server, 'addresses' | 'accessIPv4' | 'accessIPv6'>;

export function addressesOf(server: AddressedServer, view: AddressView): Addresses {
  const { networking, roles, hasIpv6 } = view;
  const publicV4 = networking.useExternalNetwork ? publicV4Of(server, roles) : undefined;
  const privateV4 = networking.useInternalNetwork ? privateV4Of(server, roles) : undefined;
  const publicV6 = networking.forceIpv4 ? undefined : publicV6Of(server);
  const usesV6 = hasIpv6 && !networking.forceIpv4;
  const interfaceIp =
    defaultAddress(server, roles, usesV6) ??
    (networking.private ? privateV4 : undefined) ??
    (usesV6 ? publicV6 : undefined) ??
    publicV4;
  return { publicV4, privateV4, publicV6, interfaceIp };
}

export function floatingAddresses({ addresses }: Pick<Server, 'addresses'>): readonly string[] {
  return find({ addresses }, { type: 'floating' }).map(({ addr }) => addr);
}

/** How many ports it has, as far as its addresses tell. */
export function portCount({ addresses }: Pick<Server, 'addresses'>): number {
  const fixed = find({ addresses }, {}).filter((one) => one['OS-EXT-IPS:type'] !== 'floating');
  return new Set(fixed.map((one) => one['OS-EXT-IPS-MAC:mac_addr'] ?? one.addr)).size;
}

interface Filter {
  readonly network?: string;
  readonly type?: 'fixed' | 'floating';
  readonly version?: 4 | 6;
  readonly mac?: string | undefined;
}

/** Floating addresses first. */
function find({ addresses }: Pick<Server, 'addresses'>, filter: Filter): readonly ServerAddress[] {
  const found = Object.entries(addresses ?? {})
    .filter(([network]) => filter.network === undefined || network === filter.network)
    .flatMap(([, all]) => all)
    .filter(
      (one) =>
        (filter.version === undefined || one.version === filter.version) &&
        (filter.type === undefined || one['OS-EXT-IPS:type'] === filter.type) &&
        (filter.mac === undefined || one['OS-EXT-IPS-MAC:mac_addr'] === filter.mac),
    );
  const isFloating = (one: ServerAddress): boolean => one['OS-EXT-IPS:type'] === 'floating';
  return [...found.filter(isFloating), ...found.filter((one) => !isFloating(one))];
}

/** The first address of the first filter that has one. */
function first(server: AddressedServer, filters: readonly Filter[]): string | undefined {
  for (const filter of filters) {
    const [found] = find(server, { version: 4, ...filter });
    if (found !== undefined) return found.addr;
  }
  return undefined;
}

function publicV4Of(server: AddressedServer, roles: NetworkRoles): string | undefined {
  if (server.accessIPv4) return server.accessIPv4;
  return (
    first(server, [
      ...roles.externalV4.map((network) => ({ network })),
      { type: 'floating' },
      { network: 'public' },
    ]) ?? globalAddress(server)
  );
}

function privateV4Of(server: AddressedServer, roles: NetworkRoles): string | undefined {
  // Where there is a floating IP, the address behind it.
  const mac = find(server, { type: 'floating', version: 4 })[0]?.['OS-EXT-IPS-MAC:mac_addr'];
  return first(server, [
    ...roles.internalV4.map((network) => ({ network, type: 'fixed' as const, mac })),
    ...roles.internalV4.map((network) => ({ network, mac })),
    { network: 'private', type: 'fixed', mac },
    { network: 'private' },
  ]);
}

function publicV6Of(server: AddressedServer): string | undefined {
  if (server.accessIPv6) return server.accessIPv6;
  return first(server, [{ version: 6 }]);
}

function defaultAddress(
  server: AddressedServer,
  { defaultInterface }: NetworkRoles,
  usesV6: boolean,
): string | undefined {
  if (defaultInterface === undefined) return undefined;
  const network = defaultInterface.name;
  return first(server, [...(usesV6 ? [{ network, version: 6 as const }] : []), { network }]);
}

function globalAddress(server: AddressedServer): string | undefined {
  return find(server, { version: 4 }).find(({ addr }) => isGlobalV4(addr))?.addr;
}

/** Not reserved for private use; ranges as in Python's `ipaddress` (IANA's special registry). */
function isGlobalV4(text: string): boolean {
  if (!isIPv4(text)) return false;
  const [a = 0, b = 0, c = 0] = text.split('.').map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 240) return false;
  if (a === 172 && b >= 16 && b <= 31) return false;
  if (a === 192 && b === 168) return false;
  if (a === 169 && b === 254) return false;
  if (a === 192 && b === 0 && (c === 0 || c === 2)) return false;
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false;
  return !(a === 203 && b === 0 && c === 113);
}
