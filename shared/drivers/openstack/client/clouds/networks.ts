/**
 * `networks`, and the older options that it replaced, with all that follows from them.
 */
import type { NetworkRole } from '../cloud-config.ts';
import { asText, isPlain, isTrue, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export function networkRoles(entry: Entry, config: Plain): NetworkRole[] {
  const { networks } = config;
  if (networks !== undefined && networks !== null && !Array.isArray(networks))
    throw wrong(entry, 'networks must be a list');
  const roles = (networks ?? []).map((network: unknown) => role(entry, network));
  for (const [option, isExternal] of [
    ['external_network', true],
    ['internal_network', false],
  ] as const) {
    if (config[option] === undefined) continue;
    if (networks !== undefined)
      throw wrong(entry, `has ${option} and networks; write the network into networks`);
    roles.push(oldRole(entry, option, config[option], isExternal));
  }
  refuseTwo(entry, 'nat_destination', roles, ({ natDestination }) => natDestination);
  refuseTwo(entry, 'default_interface', roles, ({ defaultInterface }) => defaultInterface);
  return roles;
}

function role(entry: Entry, network: unknown): NetworkRole {
  const options = isPlain(network) ? network : {};
  const name = asText(options.name) ?? '';
  if (name === '') throw wrong(entry, 'an entry of networks has no name');
  const flag = (option: string, otherwise = false): boolean => {
    const value = option in options ? options[option] : otherwise;
    if (value === null || typeof value === 'boolean' || typeof value === 'string')
      return isTrue(value);
    throw wrong(entry, `network '${name}': ${option} must be true or false`);
  };
  const routesExternally = flag('routes_externally');
  return {
    name,
    routesExternally,
    routesIpv4Externally: flag('routes_ipv4_externally', routesExternally),
    routesIpv6Externally: flag('routes_ipv6_externally', routesExternally),
    natSource: flag('nat_source'),
    natDestination: flag('nat_destination'),
    defaultInterface: flag('default_interface'),
  };
}

/**
 * openstacksdk 4.22 accepts these two and then breaks with them, because it does not derive the two
 * routes; here they mean what they meant before that.
 */
function oldRole(entry: Entry, option: string, value: unknown, isExternal: boolean): NetworkRole {
  const name = asText(value) ?? '';
  if (name === '') throw wrong(entry, `${option} must be the name of a network`);
  return {
    name,
    routesExternally: isExternal,
    routesIpv4Externally: isExternal,
    routesIpv6Externally: isExternal,
    natSource: false,
    natDestination: !isExternal,
    defaultInterface: isExternal,
  };
}

function refuseTwo(
  entry: Entry,
  option: string,
  roles: readonly NetworkRole[],
  has: (role: NetworkRole) => boolean,
): void {
  const [first, second] = roles.filter(has);
  if (first === undefined || second === undefined) return;
  throw wrong(entry, `networks '${first.name}' and '${second.name}' both have ${option}`);
}
