/**
 * Configurations about which the two loaders and the two validators are asked. Where ours answers
 * otherwise on purpose, the case says why; docs/migration.md has a row for each.
 */
export interface Case {
  readonly name: string;
  readonly text: string;
  /** Why our loader answers differently. */
  readonly loadsOtherwise?: string;
  /** Why our validator answers differently. */
  readonly isValidOtherwise?: string;
}

const openstack = (pool: string, rest = ''): string => `
labels: [{name: a}]
diskimages: [{name: i}, {name: x, abstract: true}]
providers:
- {name: fake, cloud: fake, ${rest} cloud-images: [{name: k}], pools: [{name: m, ${pool}}]}
`;
const label = (options: string): string => openstack(`labels: [{name: a, ${options}}]`);
const fine = 'cloud-image: k, min-ram: 1';
const aws = (options: string): string => `
labels: [{name: a}]
providers: [{name: p, driver: aws, region-name: r, pools: [], ${options}}]
`;

export const cases: readonly Case[] = [
  { name: 'an empty file', text: '' },
  { name: 'a list', text: '[]' },
  { name: 'empty sections', text: 'labels:\nproviders:\ndiskimages:\n' },
  { name: 'an empty webapp and no time to hold', text: 'webapp:\nmax-hold-age:\n' },
  { name: 'an unknown option', text: 'labels: []\nwebap: 3\n' },
  { name: 'an unknown option of a label', text: 'labels: [{name: a, min_ready: 1}]' },
  {
    name: 'a label without a name',
    text: 'labels: [{min-ready: 1}]',
  },
  {
    name: 'a whole timeout',
    text: 'zookeeper-timeout: 10',
    isValidOtherwise: 'a whole number is a number',
  },
  { name: 'no timeout', text: 'zookeeper-timeout:' },
  { name: 'a label', text: label(fine) },
  { name: 'a label without a size', text: label('cloud-image: k') },
  { name: 'a label without an image', text: label('min-ram: 1') },
  { name: 'a label with two images', text: label('cloud-image: k, diskimage: i, min-ram: 1') },
  {
    name: 'a label with an unknown image',
    text: label('cloud-image: z, min-ram: 1'),
    isValidOtherwise: 'a missing image is an error',
  },
  {
    name: 'a label with an abstract image',
    text: label('diskimage: x, min-ram: 1'),
    isValidOtherwise: 'a missing image is an error',
  },
  {
    name: 'a label that nobody defined',
    text: openstack(`labels: [{name: z, ${fine}}]`),
    isValidOtherwise: 'fake providers are checked, too',
  },
  { name: 'a pool without labels', text: openstack('max-servers: 1') },
  { name: 'a pool with empty labels', text: openstack('labels: ') },
  {
    name: 'a pool without a name',
    text: openstack('').replace('name: m, ', ''),
    isValidOtherwise: 'the daemons need the name',
  },
  {
    name: 'a provider without a cloud',
    text: openstack('').replace('cloud: fake,', ''),
    loadsOtherwise: 'a cloud from the environment alone is no use',
  },
  { name: 'a rate in quotes', text: openstack('', 'rate: "0.5",') },
  { name: 'a rate that is none', text: openstack('', 'rate: fast,') },
  { name: 'no rate', text: openstack('', 'rate: ,') },
  { name: 'a limit in quotes', text: openstack("max-servers: '3'") },
  {
    name: 'a limit that is no number',
    text: openstack('max-servers: many'),
    loadsOtherwise: 'it would fail at the first request',
  },
  { name: 'true for a number', text: openstack('max-servers: true') },
  { name: 'a fraction of a server', text: openstack('max-servers: 1.5') },
  { name: 'a text for true', text: openstack('host-key-checking: "no"') },
  { name: 'y for true', text: openstack('host-key-checking: y') },
  { name: 'an unknown driver', text: 'providers: [{name: p, driver: nothing}]' },
  { name: 'a provider without a name', text: 'providers: [{driver: static}]' },
  {
    name: 'a static node',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: static, pools: [{name: m, nodes: [{name: h, labels: a, timeout: "7"}]}]}]',
  },
  {
    name: 'a static node on ssh-port',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: static, pools: [{name: m, nodes: [{name: h, labels: [a], ssh-port: 7}]}]}]',
    isValidOtherwise: 'the loader reads it',
  },
  {
    name: 'a static node without labels',
    text: 'providers: [{name: p, driver: static, pools: [{name: m, nodes: [{name: h}]}]}]',
  },
  {
    name: 'a static node with an unknown label',
    text: 'providers: [{name: p, driver: static, pools: [{name: m, nodes: [{name: h, labels: [z]}]}]}]',
    isValidOtherwise: 'a missing label is an error',
  },
  { name: 'aws', text: aws('rate: 1') },
  { name: 'aws without pools', text: aws('rate: 1').replace('pools: [], ', '') },
  {
    name: 'aws with options that only the loader knows',
    text: aws('use-internal-ip: true, public-ipv4: false'),
    isValidOtherwise: 'the loader reads them',
  },
  {
    name: 'aws with an unknown format',
    text: aws('image-format: iso'),
    loadsOtherwise: 'no import could work',
  },
  { name: 'aws without filters', text: aws('cloud-images: [{name: k, username: u}]') },
  { name: 'aws without a user', text: aws('cloud-images: [{name: k, image-id: u}]') },
  {
    name: 'imdsv2 null',
    text: aws('rate: 1').replace(
      'pools: []',
      'pools: [{name: m, labels: [{name: a, key-name: k, imdsv2: null}]}]',
    ),
  },
  {
    name: 'azure without max-servers',
    text: 'providers: [{name: p, driver: azure, location: l, resource-group: g, resource-group-location: l, auth-path: f, pools: [{name: m, labels: []}]}]',
    isValidOtherwise: 'the daemons need it',
  },
  {
    name: 'ibmvpc without a zone',
    text: 'providers: [{name: p, driver: ibmvpc, vpc: v, region: r, pools: [{name: m, max-servers: 1, labels: []}]}]',
    isValidOtherwise: 'the daemons need it',
  },
  {
    name: 'whole GPUs',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: kubernetes, pools: [{name: m, labels: [{name: a, type: pod, gpu: 1}]}]}]',
    isValidOtherwise: 'a whole number is a number',
  },
  {
    name: 'openshift without a context',
    text: 'providers: [{name: p, driver: openshift, pools: []}]',
  },
  {
    name: 'kubernetes without a type',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: kubernetes, pools: [{name: m, labels: [{name: a, image: i}]}]}]',
  },
  {
    name: 'openshiftpods without an image',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: openshiftpods, context: c, pools: [{name: m, labels: [{name: a}]}]}]',
  },
  {
    name: 'openshiftpods with a type',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: openshiftpods, context: c, pools: [{name: m, labels: [{name: a, type: pod, image: i}]}]}]',
  },
  {
    name: 'openshift with a cpu beside the specification',
    text: 'labels: [{name: a}]\nproviders: [{name: p, driver: openshift, context: c, pools: [{name: m, labels: [{name: a, type: pod, spec: {}, cpu: 1}]}]}]',
  },
  {
    name: 'gce with its rate',
    text: 'providers: [{name: p, driver: gce, region: r, project: p, zone: z, rate: 3, pools: []}]',
    isValidOtherwise: 'the loader reads it',
  },
  {
    name: 'metastatic at odds',
    text: 'labels: [{name: a}, {name: b}]\nproviders: [{name: p, driver: metastatic, pools: [{name: m, labels: [{name: a, backing-label: c}, {name: b, backing-label: c, grace-time: 1}]}]}]',
    isValidOtherwise: 'the daemons refuse it',
  },
  { name: 'a diskimage twice', text: 'diskimages: [{name: a}, {name: a}]' },
  { name: 'a parent that is missing', text: 'diskimages: [{name: a, parent: b}]' },
  {
    name: 'a parent that is missing, of an abstract image',
    text: 'diskimages: [{name: a, abstract: true, parent: b}]',
  },
  {
    name: 'a circle of parents',
    text: 'diskimages: [{name: a, parent: b}, {name: b, parent: a}]',
    isValidOtherwise: 'the daemons refuse it',
  },
  { name: 'a number as variable', text: 'diskimages: [{name: a, env-vars: {X: 1}}]' },
  { name: 'no variables', text: 'diskimages: [{name: a, env-vars: }]' },
  {
    name: 'a shell of a diskimage',
    text: 'diskimages: [{name: a, shell-type: sh}]',
    isValidOtherwise: 'the loader reads it',
  },
  {
    name: 'a tenant without a name',
    text: 'tenant-resource-limits: [{max-cores: 1}]',
    isValidOtherwise: 'the daemons need the name',
  },
  {
    name: 'our own options',
    text: 'extensions: {log: {format: json}}',
    isValidOtherwise: 'they are ours',
  },
  { name: 'keys that stand twice', text: 'labels: []\nlabels: [{name: a}]\n' },
  { name: 'a second document', text: 'labels: []\n---\nlabels: []\n' },
  { name: 'an unknown tag', text: 'labels: !foo []' },
];
