/**
 * Which of the cloud's networks lead where, from what neutron lists and clouds.yaml says. Pure.
 *
 * Facts: openstacksdk, openstack/cloud/_network_common.py. A network is external when neutron says so
 * or it has a physical network, internal otherwise; clouds.yaml stands over both.
 */
import { ConfigError } from '../../base/errors.ts';
import type { NetworkRole, Networking } from './client/cloud-config.ts';
import type { Network, Subnet } from './client/network.ts';
import { listed } from '../../cloud/listed.ts';

export interface NetworkRoles {
  /** Names of networks whose IPv4 addresses are reachable from outside. */
  readonly externalV4: readonly string[];
  readonly internalV4: readonly string[];
  /** Ids of the networks that floating IPs can come from, the preferred one first. */
  readonly floatingSources: readonly string[];
  /** Id of the network whose ports get floating IPs where a server has several ports. */
  readonly natDestination: string | undefined;
  /** Network to connect over, wherever a server has it; also what servers get if nothing is said. */
  readonly defaultInterface: { readonly id: string; readonly name: string } | undefined;
}

export const NO_ROLES: NetworkRoles = {
  externalV4: [],
  internalV4: [],
  floatingSources: [],
  natDestination: undefined,
  defaultInterface: undefined,
};

export interface NetworkFacts {
  readonly networks: readonly Network[];
  readonly subnets: readonly Subnet[];
  /** Networks to which the project's routers lead. */
  readonly gateways: readonly string[];
}

/** @throws ConfigError if clouds.yaml names a network that the cloud has not, or has twice. */
export function networkRoles(facts: NetworkFacts, networking: Networking): NetworkRoles {
  const { networks } = facts;
  const roles = networking.networks;
  for (const { name } of roles) requireNetwork(networks, name);
  const named = (test: (role: NetworkRole) => boolean): Set<string> =>
    new Set(roles.filter(test).map(({ name }) => name));
  const outside = named((role) => role.routesIpv4Externally);
  const inside = named((role) => !role.routesIpv4Externally);
  const flagged = (test: (role: NetworkRole) => boolean, option: string): Network | undefined =>
    onlyOne(networks, roles.find(test)?.name, option);
  const source = flagged((role) => role.natSource, 'nat_source');
  const destination = flagged((role) => role.natDestination, 'nat_destination');
  const defaultInterface = flagged((role) => role.defaultInterface, 'default_interface');
  return {
    externalV4: networks
      .filter((one) => isIn(outside, one) || (isExternal(one) && !isIn(inside, one)))
      .map(({ name }) => name),
    internalV4: networks
      .filter((one) => isIn(inside, one) || (!isExternal(one) && !isIn(outside, one)))
      .map(({ name }) => name),
    floatingSources: source ? [source.id] : floatingSources(facts),
    natDestination: destination?.id ?? gatewayNetwork(facts),
    defaultInterface,
  };
}

/** The name or id of a network of the list; undefined: there is none. */
export function findNetwork(networks: readonly Network[], wanted: string): Network | undefined {
  return networks.find(({ id }) => id === wanted) ?? networks.find(({ name }) => name === wanted);
}

function floatingSources({ networks, gateways }: NetworkFacts): readonly string[] {
  const external = networks.filter((one) => one['router:external']).map(({ id }) => id);
  // One that a router of ours leads to can give addresses; of the others only the cloud knows.
  const reached = external.filter((id) => gateways.includes(id));
  const others = external.filter((id) => !gateways.includes(id));
  return external.length > 0 ? [...reached, ...others] : [...new Set(gateways)];
}

function gatewayNetwork({ networks, subnets }: NetworkFacts): string | undefined {
  const routed = new Set(
    subnets.filter(({ gateway_ip: gateway }) => gateway).map((one) => one.network_id),
  );
  // Of several the last, as there.
  return networks.findLast((one) => routed.has(one.id) && !one['router:external'])?.id;
}

/** Of several entries of clouds.yaml the first has the say. */
function onlyOne(
  networks: readonly Network[],
  wanted: string | undefined,
  option: string,
): Network | undefined {
  const found = networks.filter(({ id, name }) => id === wanted || name === wanted);
  if (found.length > 1)
    throw new ConfigError(
      'NP_CONFIG_INVALID',
      `clouds.yaml: ${option}: there are ${found.length} networks ${wanted ?? ''}`,
      { hint: `name the network by its id: ${found.map(({ id }) => id).join(', ')}` },
    );
  return found[0];
}

function requireNetwork(networks: readonly Network[], name: string): void {
  if (findNetwork(networks, name) !== undefined) return;
  throw new ConfigError('NP_CONFIG_INVALID', `clouds.yaml: there is no network ${name}`, {
    hint: `the cloud has: ${listed(networks.map((one) => one.name))}`,
  });
}

function isExternal(network: Network): boolean {
  return network['router:external'] || Boolean(network['provider:physical_network']);
}

function isIn(names: ReadonlySet<string>, network: Network): boolean {
  return names.has(network.name) || names.has(network.id);
}
