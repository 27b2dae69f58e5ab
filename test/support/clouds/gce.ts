/** The Compute Engine in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import { GceSite, PROVIDER } from '../gce-site.ts';
import type { WalkedCloud } from '../cloud-walk.ts';

/** Three times are for good, for this time. */
const times = 3;

/** An instance with a public address. */
export const GCE: WalkedCloud<GceSite> = {
  driver: 'gce',
  open: () => GceSite.open(),
  kinds: {
    'an instance': {
      start: ['GET regions/*', 'GET images/family/*', 'GET machineTypes/*', 'GET instances'],
      life: ['POST instances', 'GET instances', 'DELETE instances/*'],
      doom: [
        { call: 'POST instances', mode: 'fail', times },
        { call: 'POST instances', mode: 'hang', times },
      ],
      stubborn: ['DELETE instances/*'],
    },
  },
  signIn: ['POST token'],
  looks: [],
  listing: 'GET instances',
  machines: ({ cloud }) => cloud.compute.instances.all().map(({ id }) => id),
  losses: [
    {
      what: 'somebody else deletes the instance',
      strike: ({ cloud }, name) => {
        cloud.vanish(name);
      },
      words: /was deleted by somebody else/,
    },
    {
      what: 'somebody else stops the instance',
      strike: ({ cloud }, name) => {
        const instance = cloud.compute.instances.get(name);
        if (instance) instance.status = 'TERMINATED';
      },
      words: /TERMINATED/,
    },
  ],
  check: ({ cloud: { compute } }, node) => {
    const instances = compute.instances.all();
    const names = instances.map(({ id }) => id);
    assert.deepEqual(names, [node.external_id], 'one instance, the reported one');
    const addresses = instances.map((one) => one.addresses?.public);
    assert.deepEqual(addresses, [node.public_ipv4], 'its address, the reported one');
    const providers = instances.flatMap(({ metadata }) =>
      metadata.filter(({ key }) => key === 'nodepool_provider_name').map(({ value }) => value),
    );
    assert.deepEqual(providers, [PROVIDER]);
  },
  lagging: {
    open: () =>
      GceSite.open({
        ...{ lagSeconds: 0.4, otherLagSeconds: 0.6, ghostSeconds: 0.4, addressSeconds: 0.3 },
        pageSize: 1,
      }),
    calls: ['GET instances'],
  },
  revoke: ({ cloud }) => {
    cloud.login.revokeAll();
  },
};
