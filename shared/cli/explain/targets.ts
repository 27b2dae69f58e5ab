/**
 * Where the launchers' web servers are. Their entries in ZooKeeper carry a host name and nothing more,
 * so the port is taken from our own `webapp` section, on the assumption that all launchers share it.
 */
import type { Config } from '../../../schemas/config/model.ts';
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import type { Target } from './ask.ts';

/** More launchers than this are not asked. */
const MOST_TARGETS = 64;
/** Listening on these means: on every address. */
const WILDCARDS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

export function targetsOf(
  launchers: readonly Pick<ComponentRecord, 'hostname'>[],
  webapp: Config['webapp'],
  ownHostname: string,
): Target[] {
  const hostnames = [...new Set(launchers.map(({ hostname }) => hostname))].sort();
  return hostnames.slice(0, MOST_TARGETS).map((hostname) => {
    const { listenAddress, port } = webapp;
    // Here the address is known, whether or not the name can be resolved.
    const own = WILDCARDS.has(listenAddress) ? 'localhost' : listenAddress;
    const host = hostname === ownHostname ? own : hostname;
    return { hostname, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  });
}
