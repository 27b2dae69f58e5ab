/** The IBM Cloud in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import { IbmSite, PROVIDER } from '../ibm-site.ts';
import type { WalkedCloud } from '../cloud-walk.ts';

/** Three times are for good, for this time. */
const times = 3;

/** An instance with a floating IP. */
export const IBMVPC: WalkedCloud<IbmSite> = {
  driver: 'ibmvpc',
  open: () => IbmSite.open(),
  kinds: {
    'an instance': {
      start: [
        ...['GET vpcs', 'GET subnets', 'GET keys', 'GET profiles', 'GET images'],
        ...['GET resource_groups', 'POST resource_groups', 'GET instances'],
      ],
      life: [
        'POST floating_ips',
        'GET floating_ips',
        'POST instances',
        'GET instances',
        'PUT floating_ips/*',
        'DELETE floating_ips/*',
        'DELETE instances/*',
      ],
      doom: [
        { call: 'POST floating_ips', mode: 'fail', times },
        { call: 'POST instances', mode: 'fail', times },
        { call: 'PUT floating_ips/*', mode: 'fail', times },
      ],
      stubborn: ['DELETE floating_ips/*', 'DELETE instances/*'],
    },
  },
  signIn: ['POST token'],
  looks: [],
  listing: 'GET instances',
  machines: ({ cloud }) => cloud.instances.instances.all().map(({ name }) => name),
  losses: [
    {
      what: 'somebody else deletes the instance',
      strike: ({ cloud }, name) => {
        cloud.vanish(name);
      },
      words: /was deleted by somebody else/,
    },
  ],
  check: ({ cloud: { instances, floatingIps, resources } }, node) => {
    const all = instances.instances.all();
    assert.deepEqual(
      all.map(({ name }) => name),
      [node.external_id],
      'one instance, the reported one',
    );
    const ips = floatingIps.floatingIps.all();
    assert.deepEqual(
      ips.map(({ address, target }) => [address, target?.instanceId]),
      [[node.public_ipv4, all[0]?.id]],
      'one floating IP, the reported one, which leads to the instance',
    );
    for (const { groupId } of [...all, ...ips])
      assert.equal(resources.groups.get(groupId)?.name, `np_${PROVIDER}_main`);
  },
  lagging: {
    open: () =>
      IbmSite.open({ lagSeconds: 0.4, attachSeconds: 0.3, addressSeconds: 0.3, pageSize: 1 }),
    calls: ['GET instances', 'GET floating_ips'],
  },
  revoke: ({ cloud }) => {
    cloud.iam.revokeAll();
  },
};
