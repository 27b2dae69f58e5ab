import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import type { NetworkRole } from '../../../../shared/drivers/openstack/client/cloud-config.ts';
import type { Network } from '../../../../shared/drivers/openstack/client/network.ts';
import {
  findNetwork,
  networkRoles,
  type NetworkFacts,
} from '../../../../shared/drivers/openstack/network-roles.ts';
import { cloudConfig } from './cloud-config.ts';

const inner = (name: string, id = `id-${name}`): Network => ({
  id,
  name,
  'router:external': false,
});
const outer = (name: string): Network => ({ ...inner(name), 'router:external': true });
const physical = (name: string): Network => ({ ...inner(name), 'provider:physical_network': 'p' });

/** `gateway`: names of networks with a gateway. */
const facts = (
  networks: readonly Network[],
  {
    gateway = [],
    gateways = [],
  }: { gateway?: readonly string[]; gateways?: readonly string[] } = {},
): NetworkFacts => ({
  networks,
  subnets: networks.flatMap(({ id, name }) => [
    { network_id: id, gateway_ip: null },
    { network_id: id, gateway_ip: gateway.includes(name) ? '10.0.0.1' : '' },
  ]),
  gateways,
});

const role = (name: string, changes: Partial<NetworkRole> = {}): NetworkRole => ({
  name,
  routesExternally: false,
  routesIpv4Externally: false,
  routesIpv6Externally: false,
  natSource: false,
  natDestination: false,
  defaultInterface: false,
  ...changes,
});

const rolesOf = (of: NetworkFacts, networks: readonly NetworkRole[] = []) =>
  networkRoles(of, { ...cloudConfig().networking, networks });

describe('roles of networks', () => {
  const all = facts([outer('ext'), inner('a'), physical('flat'), inner('b')], {
    gateway: ['ext', 'a', 'b'],
  });

  it('are what neutron says: external, or with a physical network, leads outside', () => {
    assert.deepEqual(rolesOf(all), {
      externalV4: ['ext', 'flat'],
      internalV4: ['a', 'b'],
      floatingSources: ['id-ext'],
      // As openstacksdk has it, the last one with a gateway.
      natDestination: 'id-b',
      defaultInterface: undefined,
    });
  });

  it('are what clouds.yaml says where it says something, by name or id', () => {
    const { externalV4, internalV4 } = rolesOf(all, [
      role('a', { routesIpv4Externally: true }),
      role('id-flat'),
    ]);
    assert.deepEqual(externalV4, ['ext', 'a']);
    assert.deepEqual(internalV4, ['flat', 'b']);
  });

  it('hold for IPv4 alone: what goes for IPv6 says nothing about it', () => {
    const { internalV4 } = rolesOf(all, [role('a', { routesIpv6Externally: true })]);
    assert.deepEqual(internalV4, ['a', 'b']);
  });

  it('let clouds.yaml choose where floating IPs come from and lead to, and the way in', () => {
    const chosen = rolesOf(all, [
      role('b', { natSource: true }),
      role('a', { natDestination: true }),
      role('id-flat', { defaultInterface: true }),
    ]);
    assert.deepEqual(chosen.floatingSources, ['id-b']);
    assert.equal(chosen.natDestination, 'id-a');
    assert.equal(chosen.defaultInterface?.name, 'flat');
  });

  it('take the first entry where two are flagged', () => {
    const flags = { natSource: true };
    assert.deepEqual(rolesOf(all, [role('b', flags), role('a', flags)]).floatingSources, ['id-b']);
  });

  it('know no external network as the end of a floating IP', () => {
    const { natDestination } = rolesOf(
      facts([inner('a'), outer('ext')], { gateway: ['a', 'ext'] }),
    );
    assert.equal(natDestination, 'id-a');
    assert.equal(rolesOf(facts([outer('ext')], { gateway: ['ext'] })).natDestination, undefined);
    assert.equal(rolesOf(facts([inner('a')])).natDestination, undefined);
  });
});

describe('networks that floating IPs come from', () => {
  const two = [outer('far'), outer('near')];

  it('are those first to which a router of ours leads', () => {
    const { floatingSources } = rolesOf(facts(two, { gateways: ['id-near'] }));
    assert.deepEqual(floatingSources, ['id-near', 'id-far']);
  });

  it('keep their order where no router tells', () => {
    assert.deepEqual(rolesOf(facts(two)).floatingSources, ['id-far', 'id-near']);
  });

  it('are known from routers alone where neutron hides them, each once', () => {
    const hidden = facts([inner('a')], { gateways: ['id-x', 'id-x', 'id-y'] });
    assert.deepEqual(rolesOf(hidden).floatingSources, ['id-x', 'id-y']);
  });

  it('are none where there is nothing', () => {
    assert.deepEqual(rolesOf(facts([inner('a')])).floatingSources, []);
  });
});

describe('networks of clouds.yaml', () => {
  it('that the cloud has not are an error that names what it has', () => {
    assert.throws(
      () => rolesOf(facts([inner('a'), inner('b')]), [role('c')]),
      (error) =>
        hasCode(error, 'NP_CONFIG_INVALID') &&
        (error as Error).message.endsWith('network c') &&
        (error as { hint?: string }).hint === 'the cloud has: a, b',
    );
  });

  for (const [option, flags] of [
    ['nat_source', { natSource: true }],
    ['nat_destination', { natDestination: true }],
    ['default_interface', { defaultInterface: true }],
  ] as const)
    it(`that the cloud has twice are an error where one is meant: ${option}`, () => {
      const twice = facts([inner('a', 'id-1'), inner('a', 'id-2')]);
      assert.throws(
        () => rolesOf(twice, [role('a', flags)]),
        (error) =>
          hasCode(error, 'NP_CONFIG_INVALID') &&
          (error as Error).message.includes(option) &&
          ((error as { hint?: string }).hint ?? '').includes('id-1, id-2'),
      );
      assert.doesNotThrow(() => rolesOf(twice, [role('id-2', flags)]));
      assert.deepEqual(rolesOf(twice, [role('a')]).internalV4, ['a', 'a']);
    });
});

describe('a network by name or id', () => {
  it('is the one of that id first', () => {
    const networks = [inner('id-b', 'id-a'), inner('x', 'id-b')];
    assert.equal(findNetwork(networks, 'id-b')?.name, 'x');
    assert.equal(findNetwork(networks, 'x')?.id, 'id-b');
    assert.equal(findNetwork(networks, 'y'), undefined);
  });
});
