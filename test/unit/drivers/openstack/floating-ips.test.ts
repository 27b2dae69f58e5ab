import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import type { Port } from '../../../../shared/drivers/openstack/client/network.ts';
import {
  choosePort,
  expectsFloatingIp,
  FloatingIps,
  hasFloatingIps,
  needsFloatingIp,
} from '../../../../shared/drivers/openstack/floating-ips.ts';
import { NO_ROLES } from '../../../../shared/drivers/openstack/network-roles.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { cloudConfig } from './cloud-config.ts';
import { countOf, never, servicesSubject } from './services.ts';

const { networking } = cloudConfig();
const roles = {
  ...NO_ROLES,
  floatingSources: ['ext'],
  natDestination: 'net',
  externalV4: ['open'],
};
const NO_ADDRESSES = {
  ...{ publicV4: undefined, privateV4: undefined, publicV6: undefined, interfaceIp: undefined },
};

describe('whether a server needs a floating IP', () => {
  const fixed = { addr: '10.0.0.5', version: 4, 'OS-EXT-IPS:type': 'fixed' };
  const server = { addresses: { net: [fixed] } };

  it('it does with an inner address alone', () => {
    assert.ok(needsFloatingIp(server, NO_ADDRESSES, networking, roles));
  });

  it('it does not with a public one, or a floating one already', () => {
    const isPublic = { ...NO_ADDRESSES, publicV4: '8.8.4.4' };
    assert.ok(!needsFloatingIp(server, isPublic, networking, roles));
    const floating = { ...fixed, 'OS-EXT-IPS:type': 'floating' };
    assert.ok(
      !needsFloatingIp({ addresses: { net: [fixed, floating] } }, NO_ADDRESSES, networking, roles),
    );
  });

  it('it does not without an address of IPv4', () => {
    const v6 = { addresses: { net: [{ addr: 'fd00::5', version: 6 }] } };
    for (const one of [v6, { addresses: {} }, { addresses: null }])
      assert.ok(!needsFloatingIp(one, NO_ADDRESSES, networking, roles));
  });

  it('it does not in a private cloud, or in one that has none', () => {
    const isPrivate = { ...networking, private: true };
    assert.ok(!needsFloatingIp(server, NO_ADDRESSES, isPrivate, roles));
    assert.ok(!needsFloatingIp(server, NO_ADDRESSES, networking, NO_ROLES));
    const none = { ...networking, floatingIpSource: 'none' } as const;
    assert.ok(!needsFloatingIp(server, NO_ADDRESSES, none, roles));
    assert.ok(!hasFloatingIps(none, roles));
    assert.ok(hasFloatingIps(networking, roles));
  });

  it('is foreseen from its networks', () => {
    const networks = ['net', 'open'].map((name) => ({
      ...{ id: `id-${name}`, name, 'router:external': false },
    }));
    const expects = (...ids: string[]): boolean =>
      expectsFloatingIp(ids, { networks, roles }, networking);
    assert.ok(expects('id-net'));
    assert.ok(expects());
    assert.ok(!expects('id-net', 'id-open'));
    assert.ok(!expectsFloatingIp([], { networks, roles }, { ...networking, private: true }));
  });
});

describe('the port of a floating IP', () => {
  const port = (id: string, network_id: string, addresses: readonly string[], at = ''): Port => ({
    ...{ id, network_id, created_at: `2026-01-0${at || '1'}` },
    fixed_ips: addresses.map((ip_address) => ({ ip_address })),
  });
  const chosen = (...ports: Port[]): string => {
    const found = choosePort('server', ports, roles);
    return `${found.port.id} ${found.address}`;
  };

  it('is the only one, on whatever network', () => {
    assert.equal(chosen(port('p', 'other', ['fd00::1', '10.0.0.1'])), 'p 10.0.0.1');
  });

  it('is the newest on the network that floating IPs lead to', () => {
    const ports = [
      port('old', 'net', ['10.0.0.1'], '1'),
      port('new', 'net', ['10.0.0.2'], '3'),
      port('newest', 'other', ['10.1.0.3'], '4'),
    ];
    assert.equal(chosen(...ports), 'new 10.0.0.2');
    assert.equal(chosen(...ports, port('v6', 'net', ['fd00::1'], '5')), 'new 10.0.0.2');
  });

  it('is an error where none fits', () => {
    const isFatal = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_FATAL');
    assert.throws(() => chosen(port('p', 'net', ['fd00::1'])), isFatal);
    assert.throws(
      () => chosen(port('p', 'a', ['10.0.0.1']), port('q', 'b', ['10.1.0.1'])),
      isFatal,
    );
  });
});

describe('FloatingIps', () => {
  const metadata = { nodepool_node_id: '0000000007', nodepool_provider_name: 'cloud' };

  async function subject() {
    const { clock, cloud, services } = await servicesSubject();
    const { network } = services;
    assert.ok(network);
    const listing = <T>(list: (signal: AbortSignal) => Promise<T>): SharedListing<T> =>
      new SharedListing({ clock, pollSeconds: 1, list });
    const floatingIps = new FloatingIps({
      network,
      ports: listing((signal) => network.ports({}, signal)),
      floatingIps: listing((signal) => network.floatingIps({}, signal)),
    });
    const sources = [cloud.network.network('public').id];
    const serverRoles = { ...roles, floatingSources: sources };
    const server = cloud.plant.server();
    return {
      ...{ clock, cloud, floatingIps, server },
      portId: cloud.network.portsOf(server)[0]?.id,
      give: (id = server) =>
        settleByTurning(clock, floatingIps.give(id, serverRoles, metadata, never())),
      ofServer: () => settleByTurning(clock, floatingIps.ofServer(server, never())),
    };
  }

  it('gives one to the port of the server, with its tags', async () => {
    const { cloud, give, portId } = await subject();
    const made = await give();
    const [shown] = cloud.network.floatingIps.all();
    assert.equal(shown?.id, made.id);
    assert.equal(shown.port_id, portId);
    assert.equal(shown.description, JSON.stringify(metadata));
  });

  for (const mode of ['lose', 'reset', 'hang'] as const)
    it(`gives one, though an answer is missing: ${mode}`, async () => {
      const { cloud, give, portId } = await subject();
      cloud.arm({ call: 'POST floatingips', mode });
      const made = await give();
      assert.equal(made.port_id, portId);
      assert.equal(cloud.counts.floatingIps, 1);
    });

  it('waits for the port of a server that has none yet', async () => {
    const { clock, cloud, give } = await subject();
    const server = cloud.plant.server({ hasPort: false });
    const giving = give(server);
    await clock.advance(3000);
    const port = cloud.plant.port({ device_id: server, device_owner: 'compute:az1' });
    assert.equal((await giving).port_id, port);
    assert.ok(countOf(cloud, 'GET ports') > 2);
  });

  it('finds those of a server, and of no other', async () => {
    const { cloud, give, ofServer } = await subject();
    const made = await give();
    await give(cloud.plant.server());
    cloud.plant.floatingIp();
    assert.deepEqual(
      (await ofServer()).map(({ id }) => id),
      [made.id],
    );
  });
});
