/**
 * Public clouds that openstacksdk knows by name, for `profile:` of clouds.yaml.
 *
 * Facts: openstacksdk 4.22, openstack/config/vendors; what no part of this driver uses is left out.
 */
import type { Plain } from './values.ts';

export interface Vendor {
  /** Where the vendor itself offers its profile. */
  readonly url?: string;
  readonly status?: 'deprecated' | 'shutdown';
  readonly profile: Plain;
}

const at = (auth_url: string, rest: Plain = {}): Vendor => ({
  profile: { auth: { auth_url }, identity_api_version: '3', ...rest },
});
const inDefaultDomain = (auth_url: string, rest: Plain): Vendor => ({
  profile: {
    auth: { auth_url, user_domain_name: 'Default', project_domain_name: 'Default' },
    identity_api_version: '3',
    ...rest,
  },
});
const shutdown = (vendor: Vendor): Vendor => ({ ...vendor, status: 'shutdown' });
const atUrl = (url: string): Vendor => ({ url, profile: {} });

const limestonePublic = {
  name: 'Public Internet',
  routes_externally: true,
  default_interface: true,
  nat_source: true,
};
const limestonePrivate = [
  { name: 'Private Network (10.0.0.0/8 only)', routes_externally: false },
  { name: 'Private Network (Floating Public)', routes_externally: false, nat_destination: true },
];

export const vendors: ReadonlyMap<string, Vendor> = new Map([
  ['auro', inDefaultDomain('https://api.van2.auro.io:5000/v3', { region_name: 'RegionOne' })],
  ['betacloud', shutdown(at('https://api-1.betacloud.de:5000'))],
  [
    'binero',
    at('https://auth.binero.cloud:5000/v3', {
      regions: ['europe-se-1'],
      block_storage_api_version: '3',
    }),
  ],
  ['bluebox', { profile: { region_name: 'RegionOne', block_storage_api_version: '1' } }],
  [
    'catalyst',
    {
      profile: {
        auth: { auth_url: 'https://api.cloud.catalyst.net.nz:5000/v2.0' },
        regions: ['nz-por-1', 'nz_wlg_2'],
        image_api_version: '1',
        block_storage_api_version: '1',
        image_format: 'raw',
      },
    },
  ],
  [
    'citycloud',
    at('https://{region_name}.citycloud.com:5000/v3/', {
      regions: ['Buf1', 'Fra1', 'Sto2', 'Kna1', 'dx1', 'tky1'],
      block_storage_api_version: '3',
      image_format: 'raw',
    }),
  ],
  [
    'conoha',
    at('https://identity.{region_name}.conoha.io', {
      regions: ['sin1', 'sjc1', 'tyo1'],
      identity_api_version: '2',
    }),
  ],
  [
    'dreamcompute',
    at('https://iad2.dream.io:5000', { region_name: 'RegionOne', image_format: 'raw' }),
  ],
  ['elastx', at('https://ops.elastx.cloud:5000/v3', { region_name: 'se-sto' })],
  [
    'entercloudsuite',
    at('https://api.entercloudsuite.com/', {
      regions: ['it-mil1', 'nl-ams1', 'de-fra1'],
      image_api_version: '1',
      block_storage_api_version: '1',
    }),
  ],
  [
    'fuga',
    {
      ...inDefaultDomain('https://identity.api.fuga.io:5000', {
        regions: ['cystack'],
        block_storage_api_version: '3',
      }),
      status: 'deprecated',
    },
  ],
  ['ibmcloud', shutdown(at('https://identity.open.softlayer.com'))],
  ['internap', shutdown(at('https://identity.api.cloud.inap.com'))],
  [
    'limestonenetworks',
    at('https://auth.cloud.lstn.net:5000/v3', {
      regions: [
        {
          name: 'us-dfw-1',
          values: {
            networks: [
              limestonePublic,
              { name: 'DDoS Protected', routes_externally: true },
              ...limestonePrivate,
            ],
          },
        },
        { name: 'us-slc', values: { networks: [limestonePublic, ...limestonePrivate] } },
      ],
      image_format: 'raw',
      volume_api_version: '3',
    }),
  ],
  [
    'otc',
    at('https://iam.{region_name}.otc.t-systems.com/v3', {
      regions: ['eu-de', 'eu-nl'],
      interface: 'public',
      image_format: 'qcow2',
    }),
  ],
  [
    'otc-swiss',
    at('iam-pub.eu-ch2.sc.otc.t-systems.com/v3', {
      regions: ['eu-ch2'],
      interface: 'public',
      image_format: 'qcow2',
    }),
  ],
  ['ovh', atUrl('https://ovhcloud.com')],
  [
    'ovh-us',
    inDefaultDomain('https://auth.cloud.ovh.us/', {
      regions: ['US-EAST-VA-1', 'US-WEST-OR-1', 'US-EAST-VA', 'US-WEST-OR'],
      floating_ip_source: 'None',
    }),
  ],
  [
    'rackspace',
    at('https://identity.api.rackspacecloud.com/v2.0/', {
      identity_api_version: '2.0',
      regions: ['DFW', 'HKG', 'IAD', 'ORD', 'SYD', 'LON'],
      compute_service_name: 'cloudServersOpenStack',
      image_api_use_tasks: true,
      image_format: 'vhd',
      floating_ip_source: 'None',
      block_storage_endpoint_override:
        'https://{region_name}.blockstorage.api.rackspacecloud.com/v2/',
      block_storage_api_version: '2',
      has_network: false,
    }),
  ],
  [
    'switchcloud',
    at('https://identity.compute.cloud.switch.ch/v3', {
      regions: ['zhw', 'zhc'],
      image_format: 'raw',
    }),
  ],
  [
    'switchengines',
    at('https://keystone.cloud.switch.ch:5000/v3', { regions: ['LS', 'ZH'], image_format: 'raw' }),
  ],
  ['ultimum', shutdown(at('https://console.ultimum-cloud.com:5000/'))],
  ['unitedstack', shutdown(at('https://identity.api.ustack.com/v3'))],
  ['vexxhost', atUrl('https://vexxhost.com')],
  ['zetta', at('https://identity.api.zetta.io/v3', { regions: ['no-osl1'] })],
]);
