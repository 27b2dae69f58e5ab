/** The OpenStack in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import { OpenStackSite } from '../openstack-site.ts';
import type { WalkedCloud } from '../cloud-walk.ts';

/** Three times are for good, for this time. */
const times = 3;

/** A server with a floating IP and a volume. */
export const OPENSTACK: WalkedCloud<OpenStackSite> = {
  driver: 'openstack',
  open: () => OpenStackSite.open(),
  kinds: {
    'a server': {
      label: { 'boot-from-volume': true },
      start: [
        'GET compute version',
        'GET image version',
        'GET network version',
        'GET block-storage version',
        'GET flavors/detail',
        'GET networks',
        'GET subnets',
        'GET routers',
        'GET images',
        'GET os-availability-zone',
        'GET limits',
        'GET volume limits',
        'GET quotas/*/details.json',
        'GET servers/detail',
      ],
      life: [
        'POST servers',
        'GET servers/detail',
        'GET ports',
        'POST floatingips',
        'POST volumes/*/metadata',
        'DELETE floatingips/*',
        'DELETE servers/*',
        'GET volumes/detail',
      ],
      doom: [
        { call: 'POST servers', mode: 'fail', times },
        { call: 'POST floatingips', mode: 'fail', times },
        { call: 'POST floatingips', mode: 'lose', times },
        { call: 'POST volumes/*/metadata', mode: 'hang', times },
      ],
      stubborn: ['DELETE floatingips/*', 'DELETE servers/*', 'GET volumes/detail'],
    },
  },
  signIn: ['POST auth/tokens'],
  looks: ['GET floatingips'],
  listing: 'GET servers/detail',
  machines: ({ cloud }) => cloud.compute.servers.all().map(({ id }) => id),
  losses: [
    {
      what: 'somebody else deletes the server',
      strike: ({ cloud }, id) => {
        cloud.vanish(id);
      },
      words: /was deleted by somebody else/,
    },
  ],
  check: ({ cloud: { compute, network, volumes } }, node) => {
    const servers = compute.servers.all().map(({ id }) => id);
    assert.deepEqual(servers, [node.external_id], 'one server, the reported one');
    const addresses = network.floatingIps.all().map((one) => one.floating_ip_address);
    assert.deepEqual(addresses, [node.public_ipv4], 'one floating IP, the reported one');
    const tagged = volumes.volumes.all().map(({ metadata }) => metadata.nodepool_provider_name);
    assert.deepEqual(tagged, ['openstack-one'], 'one volume, with tags');
  },
  lagging: {
    open: () => OpenStackSite.open({ lagSeconds: 0.5 }),
    calls: ['GET servers/*'],
  },
  revoke: ({ cloud }) => {
    cloud.identity.revokeAll();
  },
};
