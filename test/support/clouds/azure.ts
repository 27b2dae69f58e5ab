/** The Azure in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import { AzureSite, PROVIDER } from '../azure-site.ts';
import type { WalkedCloud } from '../cloud-walk.ts';

/** Three times are for good, for this time. */
const times = 3;

/** A machine with a public address. */
export const AZURE: WalkedCloud<AzureSite> = {
  driver: 'azure',
  open: () => AzureSite.open(),
  kinds: {
    'a machine': {
      start: ['GET subnets/*', 'GET skus', 'GET usages', 'GET virtualMachines'],
      life: [
        'PUT virtualMachines/*',
        'GET virtualMachines',
        'GET networkInterfaces',
        'GET publicIPAddresses',
        'DELETE virtualMachines/*',
      ],
      doom: [
        { call: 'PUT virtualMachines/*', mode: 'fail', times },
        { call: 'PUT virtualMachines/*', mode: 'hang', times },
      ],
      stubborn: ['DELETE virtualMachines/*'],
    },
  },
  signIn: ['GET openid-configuration', 'POST token'],
  looks: ['GET images', 'GET disks'],
  listing: 'GET virtualMachines',
  machines: ({ cloud }) => cloud.compute.machines.all().map(({ name }) => name),
  losses: [
    {
      what: 'somebody else deletes the machine',
      strike: ({ cloud }, name) => {
        cloud.vanish(name);
      },
      words: /was deleted by somebody else/,
    },
  ],
  check: ({ cloud: { compute, network, disks } }, node) => {
    const machines = compute.machines.all().map(({ name }) => name);
    assert.deepEqual(machines, [node.external_id], 'one machine, the reported one');
    const addresses = network.publicIps.all().map(({ address }) => address);
    assert.deepEqual(addresses, [node.public_ipv4], 'one address, the reported one');
    for (const { tags } of [...network.interfaces.all(), ...disks.disks.all()])
      assert.equal(tags.nodepool_provider_name, PROVIDER);
  },
  lagging: {
    open: () =>
      AzureSite.open({
        ...{ lagSeconds: 0.4, otherLagSeconds: 0.6, ghostSeconds: 0.4, cascadeSeconds: 0.3 },
        ...{ addressSeconds: 0.3, pageSize: 1 },
      }),
    calls: ['GET virtualMachines', 'GET networkInterfaces'],
  },
  revoke: ({ cloud }) => {
    cloud.login.revokeAll();
  },
};
