/** The AWS in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import { AwsSite } from '../aws-site.ts';
import type { CloudFault } from '../cloud-site.ts';
import type { WalkedCloud } from '../cloud-walk.ts';

/** Calls of every provider's start. */
const START = ['DescribeInstanceTypes', 'DescribeImages', 'ListServiceQuotas', 'DescribeInstances'];
const LIFE = ['RunInstances', 'DescribeInstances', 'TerminateInstances'];

/** There is no room for it: that is for good. */
const full = (call: string): CloudFault => ({
  ...{ call, mode: 'fail', status: 500, code: 'InsufficientInstanceCapacity' },
});

export const AWS: WalkedCloud<AwsSite> = {
  driver: 'aws',
  open: () => AwsSite.open(),
  kinds: {
    'an instance': {
      label: { 'volume-type': 'gp3', 'volume-size': 10 },
      start: [...START, 'DescribeVolumes'],
      life: LIFE,
      doom: [full('RunInstances')],
    },
    'a spot instance': {
      label: { 'use-spot': true },
      start: START,
      life: LIFE,
      own: ['RunInstances'],
      doom: [full('RunInstances')],
    },
    'an instance of a fleet': {
      label: {
        fleet: { 'instance-types': ['c5.large', 'm5.large'], 'allocation-strategy': 'prioritized' },
      },
      start: [...START, 'DescribeLaunchTemplates', 'CreateLaunchTemplate'],
      life: ['CreateFleet', 'DescribeInstances', 'TerminateInstances'],
      own: ['CreateFleet'],
      doom: [full('CreateFleet')],
    },
    'an instance on a host of its own': {
      label: { 'dedicated-host': true },
      start: [...START, 'DescribeHosts'],
      life: [...LIFE, 'AllocateHosts', 'DescribeHosts', 'ReleaseHosts'],
      own: ['AllocateHosts', 'DescribeHosts', 'RunInstances', 'ReleaseHosts'],
      doom: [full('AllocateHosts'), full('RunInstances')],
      stubborn: ['TerminateInstances', 'ReleaseHosts'],
    },
  },
  signIn: [],
  looks: [
    ...['DescribeSnapshots', 'DescribeImportImageTasks', 'DescribeImportSnapshotTasks'],
    ...['ListObjectsV2', 'ListMultipartUploads', 'DescribeHosts', 'DescribeVolumes'],
  ],
  listing: 'DescribeInstances',
  machines: ({ cloud }) => cloud.instances.alive().map(({ id }) => id),
  losses: [
    {
      what: 'somebody else terminates the first',
      strike: ({ cloud }, id) => {
        cloud.vanish(id);
      },
      words: /User initiated shutdown/,
    },
    {
      what: 'AWS takes a spot instance back',
      kind: 'a spot instance',
      strike: ({ cloud }, id) => {
        cloud.reclaim(id);
      },
      words: /NP_CLOUD_CAPACITY|Spot instance termination/,
    },
  ],
  check: ({ cloud: { instances, volumes, hosts } }, node) => {
    const alive = instances.alive();
    const ids = alive.map(({ id: instance, hostId: host }) => ({
      instance,
      ...(host !== undefined && { host }),
    }));
    assert.deepEqual(ids, [node.external_id], 'one instance, the reported one');
    assert.deepEqual(
      hosts.alive().map(({ id }) => id),
      alive.flatMap(({ hostId }) => hostId ?? []),
      'no host beside its own',
    );
    const tagged = [...alive, ...volumes.volumes.all()].map(
      ({ tags }) => tags.nodepool_provider_name,
    );
    assert.deepEqual(tagged, ['aws-one', 'aws-one'], 'an instance and a volume, with tags');
    assert.equal(node.public_ipv4, alive[0]?.publicIp);
  },
  lagging: {
    open: () => AwsSite.open({ lagSeconds: 0.5 }),
    calls: ['DescribeInstances'],
  },
};
