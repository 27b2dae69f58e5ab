/** Profiles of vendors. */
import { auth, cloud, who } from './kit.ts';
import type { Case } from './kit.ts';

const known = [
  'auro',
  'binero',
  'bluebox',
  'catalyst',
  'citycloud',
  'conoha',
  'dreamcompute',
  'elastx',
  'entercloudsuite',
  'fuga',
  'limestonenetworks',
  'otc',
  'ovh-us',
  'switchcloud',
  'switchengines',
  'zetta',
];
const gone = ['betacloud', 'ibmcloud', 'internap', 'ultimum', 'unitedstack'];
const remote = {
  name: 'vexxhost',
  profile: {
    auth: { auth_url: 'https://auth.vexxhost.net/v3' },
    regions: ['ca-ymq-1', 'sjc1'],
    identity_api_version: '3',
    image_format: 'raw',
  },
};
const place = (host: string): string => `https://${host}/.well-known/openstack/api`;

export const profiles: readonly Case[] = [
  ...known.map((name) => ({
    name: `the vendor ${name}`,
    files: cloud(`profile: ${name}`, name === 'bluebox' ? auth : who),
  })),
  ...gone.map((name) => ({
    name: `the vendor ${name}, which is gone`,
    files: cloud(`profile: ${name}`, who),
    refused: /is of a cloud that no longer exists/,
  })),
  {
    name: 'rackspace in another region',
    files: cloud('profile: rackspace', `${who}, project_id: i`),
    region: 'ORD',
  },
  {
    name: 'a region that the vendor does not have',
    files: cloud('profile: otc', who),
    region: 'X',
    refused: /no region 'X'; there is 'eu-de', 'eu-nl'/,
  },
  {
    name: 'limestone in its second region',
    files: cloud('profile: limestonenetworks', who),
    region: 'us-slc',
  },
  {
    name: 'own options over the profile',
    files: cloud('profile: citycloud, image_format: qcow2, regions: [Z]', who),
  },
  { name: 'the old word for profile', files: cloud('cloud: citycloud', who) },
  { name: 'an unknown profile', files: cloud('profile: nobody') },
  {
    name: 'own vendors',
    files: {
      ...cloud('profile: mine', who),
      'clouds-public.yaml':
        'public-clouds: {mine: {auth: {auth_url: http://mine/v3, user_domain_name: X}, region_name: M, image_format: iso}}',
    },
  },
  {
    name: 'own vendors go before the table',
    files: {
      ...cloud('profile: citycloud', who),
      'clouds-public.json':
        '{"public-clouds": {"citycloud": {"auth": {"auth_url": "http://mine/v3"}}}}',
    },
  },
  {
    name: 'a profile at its vendor',
    files: cloud('profile: vexxhost', who),
    region: 'sjc1',
    web: { [place('vexxhost.com')]: remote },
  },
  {
    name: 'a profile at a URL',
    files: cloud('profile: "https://cloud.example/x"', who),
    web: { [place('cloud.example')]: { ...remote, name: 'example' } },
  },
  {
    name: 'a profile at a URL of a vendor in the table',
    files: cloud('profile: "http://cloud.example"', who),
    web: {
      'http://cloud.example/.well-known/openstack/api': {
        name: 'citycloud',
        profile: { auth: { auth_url: 'http://new/v3' }, image_format: 'iso', private: true },
      },
    },
  },
  {
    name: 'a profile that is not there',
    files: cloud('profile: ovh', who),
    web: {},
    refused:
      /profile 'https:\/\/ovhcloud\.com': it could not be fetched from https:\/\/ovhcloud\.com\/\.well-known/,
  },
];
