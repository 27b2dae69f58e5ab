/** Where the configuration comes from, and of which region. */
import { auth, cloud, simple } from './kit.ts';
import type { Case } from './kit.ts';

export const files: readonly Case[] = [
  { name: 'a plain cloud', files: simple },
  { name: 'the ending .yml', files: { 'clouds.yml': simple['clouds.yaml'] ?? '' } },
  {
    name: 'JSON',
    files: {
      'clouds.json':
        '{"clouds": {"c": {"compute_api_version": 2.1, "auth": {"auth_url": "http://k/v3", "username": "u", "password": 5}}}}',
    },
  },
  {
    name: 'the home folder',
    files: { '.config/openstack/clouds.yaml': simple['clouds.yaml'] ?? '' },
  },
  {
    name: 'XDG_CONFIG_HOME, and no relative one',
    files: {
      'x/openstack/clouds.yaml': simple['clouds.yaml'] ?? '',
      'r/openstack/clouds.yaml': 'clouds: {c: {}}',
    },
    environment: { XDG_CONFIG_HOME: '@/x' },
  },
  {
    name: 'a relative XDG_CONFIG_HOME',
    files: { 'x/openstack/clouds.yaml': simple['clouds.yaml'] ?? '' },
    environment: { XDG_CONFIG_HOME: 'x' },
    refused:
      /there is no cloud 'c'; known are none; no file of clouds was found, looked for (?!.*, x\/)/,
  },
  {
    name: 'the home folder within a snap',
    files: { 'real/.config/openstack/clouds.yaml': simple['clouds.yaml'] ?? '' },
    environment: { SNAP_REAL_HOME: '@/real' },
  },
  {
    name: 'the site folder',
    files: { 'site/openstack/clouds.yaml': simple['clouds.yaml'] ?? '' },
    environment: { XDG_CONFIG_DIRS: '@/site' },
  },
  {
    name: 'the working folder goes before the home folder',
    files: { ...cloud('image_format: raw'), '.config/openstack/clouds.yaml': 'clouds: {d: {}}' },
  },
  {
    name: 'OS_CLIENT_CONFIG_FILE goes before all',
    files: { 'clouds.yaml': 'clouds: {d: {}}', 'o.yaml': simple['clouds.yaml'] ?? '' },
    environment: { OS_CLIENT_CONFIG_FILE: '@/o.yaml' },
  },
  {
    name: 'OS_CLIENT_CONFIG_FILE that is not there',
    files: simple,
    environment: { OS_CLIENT_CONFIG_FILE: '@/none.yaml' },
  },
  {
    name: 'a file that is no YAML is passed over',
    files: { 'clouds.yaml': 'clouds: {c: [', 'clouds.yml': simple['clouds.yaml'] ?? '' },
  },
  {
    name: 'a file that is no YAML, and no other',
    files: { 'clouds.yaml': 'clouds:\n  c: {password: "geheim' },
    refused: /there is no cloud 'c'; known are none; .*clouds.yaml: line \d is no valid YAML/,
  },
  {
    name: 'a file that is a list',
    files: { 'clouds.yaml': '[1]' },
    refused: /clouds\.yaml must be a mapping/,
  },
  { name: 'an empty file', files: { 'clouds.yaml': '' }, refused: /there is no cloud 'c'/ },
  {
    name: 'a missing cloud',
    files: { 'clouds.yaml': 'clouds: {a: {}, b: {}}' },
    refused: /there is no cloud 'c'; known are 'a', 'b'; read was .*clouds\.yaml/,
  },
  {
    name: 'a secure file over it',
    files: {
      'clouds.yaml':
        'clouds: {c: {auth: {auth_url: http://k/v3, username: u, password: x}, verify: false}}',
      'secure.yaml': 'clouds: {c: {auth: {password: p, user_domain_id: default}}}',
    },
  },
  {
    name: 'OS_CLIENT_SECURE_FILE',
    files: {
      ...simple,
      'secure.yaml': 'clouds: {c: {private: true}}',
      's.json': '{"clouds": {"c": {"auth": {"password": "q"}}}}',
    },
    environment: { OS_CLIENT_SECURE_FILE: '@/s.json' },
  },
  {
    name: 'a secure file alone',
    files: { 'secure.yaml': simple['clouds.yaml'] ?? '' },
  },
  {
    name: 'anchors and merge keys',
    files: {
      'clouds.yaml': `x: &x {interface: internal, auth: {${auth}}}\nclouds: {c: {<<: *x, image_format: raw}}`,
    },
  },
  {
    name: 'scalars of YAML 1.1',
    files: cloud(
      'private: yes, use_external_network: off, compute_api_version: 2.0, api_timeout: 0x1e',
      `${auth}, trust_id: , username: 0123, password: 1_000`,
    ),
  },
];

export const environment: readonly Case[] = [
  {
    name: 'the environment does not change a cloud of the file',
    files: cloud('region_name: R'),
    environment: {
      OS_AUTH_URL: 'http://e',
      OS_USERNAME: 'e',
      OS_PASSWORD: 'e',
      OS_REGION_NAME: 'E',
      OS_CLOUD: 'd',
      OS_INTERFACE: 'admin',
      OS_COMPUTE_API_VERSION: '3',
    },
  },
  {
    name: 'the cloud of the environment',
    files: {},
    cloud: 'envvars',
    environment: {
      OS_AUTH_URL: 'http://e/v3',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'p',
      OS_TENANT_NAME: 't',
      OS_USER_DOMAIN_NAME: 'D',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_REGION_NAME: 'E',
      OS_ENDPOINT_TYPE: 'internalURL',
      OS_COMPUTE_API_VERSION: '2.1',
      OS_LOG_CAPTURE: '1',
    },
  },
  {
    name: 'the cloud of the environment under another name',
    files: simple,
    cloud: 'e',
    environment: {
      OS_CLOUD_NAME: 'e',
      OS_AUTH_URL: 'http://e',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'p',
    },
  },
  {
    name: 'the cloud of the environment under a name of the file',
    files: simple,
    environment: { OS_CLOUD_NAME: 'c' },
    refused: /has a cloud 'c', which is also the name of the cloud of the environment/,
  },
  {
    name: 'selectors make no cloud',
    files: {},
    cloud: 'envvars',
    environment: { OS_REGION_NAME: 'x', OS_CLOUD: 'envvars', OS_LOG_X: '1' },
    refused: /there is no cloud 'envvars'/,
  },
  {
    name: 'a token of the environment',
    files: {},
    cloud: 'envvars',
    environment: {
      OS_AUTH_URL: 'http://e',
      OS_AUTH_TYPE: 'token',
      OS_TOKEN: 't',
      OS_PROJECT_ID: 'i',
    },
  },
  {
    name: 'OS_FORCE_IPV4 holds for all',
    files: simple,
    environment: { OS_FORCE_IPV4: 'True' },
  },
  {
    name: 'OS_PREFER_IPV6',
    files: simple,
    environment: { OS_PREFER_IPV6: 'false' },
  },
  {
    name: 'client of the file',
    files: { 'clouds.yaml': `client: {force_ipv4: true}\n${simple['clouds.yaml'] ?? ''}` },
  },
  { name: 'force_ipv4 of the cloud', files: cloud('force_ipv4: true') },
  { name: 'prefer_ipv6 of the cloud', files: cloud('prefer_ipv6: false') },
];

export const regions: readonly Case[] = [
  { name: 'region_name', files: cloud('region_name: R') },
  { name: 'region_name, asked for', files: cloud('region_name: R'), region: 'R' },
  {
    name: 'region_name, another asked for',
    files: cloud('region_name: R'),
    region: 'S',
    refused: /no region 'S'; there is 'R'/,
  },
  { name: 'no region', files: simple, region: 'S' },
  { name: 'region-name', files: cloud('region-name: R, image-format: raw') },
  { name: 'several in region_name', files: cloud('region_name: "A,B"'), region: 'B' },
  { name: 'a list', files: cloud('regions: [A, B]') },
  { name: 'a list, asked for', files: cloud('regions: [A, B]'), region: 'B' },
  {
    name: 'a list, another asked for',
    files: cloud('regions: [A, B]'),
    region: 'b',
    refused: /no region 'b'; there is 'A', 'B'/,
  },
  {
    name: 'values of a region',
    files: cloud(
      'image_format: raw, regions: [A, {name: B, values: {image_format: vhd, private: null, networks: [{name: n, routes_externally: true}], auth: {project_name: o}, force_ipv4: true}}]',
    ),
    region: 'B',
  },
  { name: 'a region without values', files: cloud('regions: [{name: A}]') },
  {
    name: 'a region with more',
    files: cloud('regions: [{name: A, value: {}}]'),
    refused: /an entry of regions must be a name, or have a name and values/,
  },
  { name: 'no regions', files: cloud('regions: []'), region: 'X' },
];
