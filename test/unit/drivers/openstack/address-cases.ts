/**
 * Servers, and the addresses that openstacksdk 4.22 finds for them: what `meta.py` answered to each,
 * with its trial connections left out.
 */
import type { Addresses, AddressView } from '../../../../shared/drivers/openstack/addresses.ts';
import type { Networking } from '../../../../shared/drivers/openstack/client/cloud-config.ts';
import type { Server, ServerAddress } from '../../../../shared/drivers/openstack/client/compute.ts';
import { NO_ROLES, type NetworkRoles } from '../../../../shared/drivers/openstack/network-roles.ts';
import { cloudConfig } from './cloud-config.ts';

export interface AddressCase {
  readonly name: string;
  readonly server: Pick<Server, 'addresses' | 'accessIPv4' | 'accessIPv6'>;
  readonly view: AddressView;
  /** publicV4, privateV4, publicV6, interfaceIp; what is left out is none. */
  readonly expected: Partial<Addresses>;
}

const at = (addr: string, type?: 'fixed' | 'floating', mac?: string): ServerAddress => ({
  addr,
  version: addr.includes(':') ? 6 : 4,
  ...(type && { 'OS-EXT-IPS:type': type }),
  ...(mac && { 'OS-EXT-IPS-MAC:mac_addr': mac }),
});
const fixed = (addr: string, mac = 'm1'): ServerAddress => at(addr, 'fixed', mac);
const floating = (addr: string, mac = 'm1'): ServerAddress => at(addr, 'floating', mac);

const INSIDE: Partial<NetworkRoles> = { internalV4: ['net'] };
const OUTSIDE: Partial<NetworkRoles> = { externalV4: ['net'] };

interface Setting {
  readonly roles?: Partial<NetworkRoles>;
  readonly networking?: Partial<Networking>;
  readonly hasIpv6?: boolean;
  readonly access?: { readonly accessIPv4?: string; readonly accessIPv6?: string };
}

function given(
  name: string,
  addresses: Server['addresses'],
  { roles, networking, hasIpv6 = false, access }: Setting,
  expected: Partial<Addresses>,
): AddressCase {
  return {
    name,
    server: { addresses, ...access },
    view: {
      roles: { ...NO_ROLES, ...roles },
      networking: { ...cloudConfig().networking, ...networking },
      hasIpv6,
    },
    expected,
  };
}

const BOTH = { net: [fixed('10.0.0.5'), floating('8.8.4.4')] };
const DUAL = { net: [fixed('10.0.0.5'), fixed('fd00::5')] };
const TWO = { a: [fixed('10.1.0.5', 'm1')], net: [fixed('10.0.0.5', 'm2')] };
const viaNet: Partial<NetworkRoles> = { defaultInterface: { id: 'id-net', name: 'net' } };

export const ADDRESS_CASES: readonly AddressCase[] = [
  given('nothing', {}, {}, {}),
  given('nothing yet', null, {}, {}),
  given(
    'an inner address',
    { net: [fixed('10.0.0.5')] },
    { roles: INSIDE },
    { privateV4: '10.0.0.5' },
  ),
  given(
    'an outer address',
    { net: [fixed('10.0.0.5')] },
    { roles: OUTSIDE },
    {
      publicV4: '10.0.0.5',
      interfaceIp: '10.0.0.5',
    },
  ),
  given(
    'a floating one',
    BOTH,
    { roles: INSIDE },
    {
      publicV4: '8.8.4.4',
      privateV4: '10.0.0.5',
      interfaceIp: '8.8.4.4',
    },
  ),
  given(
    'a floating one that is none of the world',
    { net: [fixed('10.0.0.5'), floating('127.81.0.9')] },
    { roles: INSIDE },
    {
      publicV4: '127.81.0.9',
      privateV4: '10.0.0.5',
      interfaceIp: '127.81.0.9',
    },
  ),
  given(
    'a floating one in a private cloud',
    BOTH,
    { roles: INSIDE, networking: { private: true } },
    {
      publicV4: '8.8.4.4',
      privateV4: '10.0.0.5',
      interfaceIp: '10.0.0.5',
    },
  ),
  given(
    'an outer one in a private cloud',
    { net: [fixed('10.0.0.5')] },
    {
      roles: OUTSIDE,
      networking: { private: true },
    },
    { publicV4: '10.0.0.5', interfaceIp: '10.0.0.5' },
  ),
  given(
    'a floating one on an outer network',
    BOTH,
    { roles: OUTSIDE },
    {
      publicV4: '8.8.4.4',
      interfaceIp: '8.8.4.4',
    },
  ),
  given(
    'the inner address behind the floating one',
    {
      a: [fixed('10.1.0.5', 'm1')],
      net: [fixed('10.0.0.5', 'm2'), floating('8.8.4.4', 'm2')],
    },
    { roles: { internalV4: ['a', 'net'] } },
    {
      publicV4: '8.8.4.4',
      privateV4: '10.0.0.5',
      interfaceIp: '8.8.4.4',
    },
  ),
  given(
    'a floating one of IPv6 has no say in that',
    {
      a: [fixed('10.1.0.5', 'm1')],
      net: [fixed('10.0.0.5', 'm2'), floating('fd00::9', 'm2')],
    },
    { roles: { internalV4: ['a', 'net'] } },
    { privateV4: '10.1.0.5', publicV6: 'fd00::9' },
  ),
  given(
    'the order of inner networks',
    TWO,
    { roles: { internalV4: ['net', 'a'] } },
    {
      privateV4: '10.0.0.5',
    },
  ),
  given(
    'the order of outer networks',
    TWO,
    { roles: { externalV4: ['net', 'a'] } },
    {
      publicV4: '10.0.0.5',
      interfaceIp: '10.0.0.5',
    },
  ),
  given(
    'no kinds, as old novas show them',
    { net: [at('10.0.0.5')] },
    { roles: INSIDE },
    {
      privateV4: '10.0.0.5',
    },
  ),
  given(
    'a fixed one before one of no kind',
    { a: [at('10.1.0.5')], net: [fixed('10.0.0.5')] },
    {
      roles: { internalV4: ['a', 'net'] },
    },
    { privateV4: '10.0.0.5' },
  ),
  given(
    'a network called public',
    { public: [fixed('10.0.0.5')] },
    {},
    {
      publicV4: '10.0.0.5',
      interfaceIp: '10.0.0.5',
    },
  ),
  given(
    'a network called private',
    { private: [fixed('10.0.0.5')] },
    {},
    { privateV4: '10.0.0.5' },
  ),
  given(
    'one called private, without kinds',
    { private: [at('10.0.0.5')] },
    {},
    {
      privateV4: '10.0.0.5',
    },
  ),
  given(
    'an address of the world on an unknown network',
    { x: [fixed('10.1.1.1'), fixed('8.8.4.4')] },
    {},
    {
      publicV4: '8.8.4.4',
      interfaceIp: '8.8.4.4',
    },
  ),
  ...[
    ...['0.1.2.3', '10.9.9.9', '127.80.0.9', '169.254.1.1', '172.16.0.1', '172.31.9.9'],
    ...['192.0.2.5', '192.168.1.1', '198.18.0.1', '198.19.9.9', '198.51.100.7', '203.0.113.9'],
    ...['240.0.0.1', '255.255.255.255'],
  ].map((addr) => given(`${addr} is none of the world`, { x: [fixed(addr)] }, {}, {})),
  ...[
    ...['1.1.1.1', '100.64.0.1', '172.15.0.1', '172.32.0.1', '192.1.2.5', '192.167.1.1'],
    ...['198.17.0.1', '198.20.0.1', '198.51.101.7', '203.0.112.9', '224.0.0.1'],
  ].map((addr) =>
    given(
      `${addr} is one of the world`,
      { x: [fixed(addr)] },
      {},
      {
        publicV4: addr,
        interfaceIp: addr,
      },
    ),
  ),
  given(
    'accessIPv4 before all',
    BOTH,
    { roles: INSIDE, access: { accessIPv4: '9.9.9.9' } },
    {
      publicV4: '9.9.9.9',
      privateV4: '10.0.0.5',
      interfaceIp: '9.9.9.9',
    },
  ),
  given(
    'an empty accessIPv4 is none',
    BOTH,
    { roles: INSIDE, access: { accessIPv4: '' } },
    {
      publicV4: '8.8.4.4',
      privateV4: '10.0.0.5',
      interfaceIp: '8.8.4.4',
    },
  ),
  given(
    'no outer network to be used',
    BOTH,
    {
      roles: INSIDE,
      networking: { useExternalNetwork: false },
    },
    { privateV4: '10.0.0.5' },
  ),
  given(
    'no inner network to be used',
    BOTH,
    {
      roles: INSIDE,
      networking: { useInternalNetwork: false },
    },
    { publicV4: '8.8.4.4', interfaceIp: '8.8.4.4' },
  ),
  given(
    'IPv6 on a host without',
    DUAL,
    { roles: OUTSIDE },
    {
      publicV4: '10.0.0.5',
      publicV6: 'fd00::5',
      interfaceIp: '10.0.0.5',
    },
  ),
  given(
    'IPv6 on a host with it',
    DUAL,
    { roles: OUTSIDE, hasIpv6: true },
    {
      publicV4: '10.0.0.5',
      publicV6: 'fd00::5',
      interfaceIp: 'fd00::5',
    },
  ),
  given(
    'IPv6 that is not wanted',
    DUAL,
    {
      roles: OUTSIDE,
      hasIpv6: true,
      networking: { forceIpv4: true },
    },
    { publicV4: '10.0.0.5', interfaceIp: '10.0.0.5' },
  ),
  given(
    'IPv6 in a private cloud',
    DUAL,
    {
      roles: INSIDE,
      hasIpv6: true,
      networking: { private: true },
    },
    { privateV4: '10.0.0.5', publicV6: 'fd00::5', interfaceIp: '10.0.0.5' },
  ),
  given(
    'IPv6 alone',
    { net: [fixed('fd00::5')] },
    { roles: INSIDE, hasIpv6: true },
    {
      publicV6: 'fd00::5',
      interfaceIp: 'fd00::5',
    },
  ),
  given(
    'accessIPv6 before all',
    DUAL,
    {
      roles: INSIDE,
      hasIpv6: true,
      access: { accessIPv6: 'fd00::99' },
    },
    { privateV4: '10.0.0.5', publicV6: 'fd00::99', interfaceIp: 'fd00::99' },
  ),
  given(
    'a default interface',
    { ...TWO, x: [floating('8.8.4.4', 'm1')] },
    {
      roles: { internalV4: ['a', 'net'], ...viaNet },
    },
    { publicV4: '8.8.4.4', privateV4: '10.1.0.5', interfaceIp: '10.0.0.5' },
  ),
  given(
    'a default interface that it has not',
    { a: [fixed('10.1.0.5')] },
    {
      roles: { externalV4: ['a'], ...viaNet },
    },
    { publicV4: '10.1.0.5', interfaceIp: '10.1.0.5' },
  ),
  given(
    'a default interface of both kinds',
    DUAL,
    {
      roles: { ...INSIDE, ...viaNet },
      hasIpv6: true,
    },
    { privateV4: '10.0.0.5', publicV6: 'fd00::5', interfaceIp: 'fd00::5' },
  ),
  given(
    'a default interface of both kinds, IPv4 wanted',
    DUAL,
    {
      roles: { ...INSIDE, ...viaNet },
      hasIpv6: true,
      networking: { forceIpv4: true },
    },
    { privateV4: '10.0.0.5', interfaceIp: '10.0.0.5' },
  ),
];
