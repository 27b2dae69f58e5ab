/**
 * Where web servers of ours are. Entries in ZooKeeper carry a host name and nothing more, so the port is
 * taken from our own configuration, on the assumption that all of a kind share it.
 */
import type { Config } from '../../schemas/config/model.ts';
import type { ComponentRecord } from '../../schemas/records/component.ts';

/** More launchers than this are not asked. */
const MOST_TARGETS = 64;
/** Listening on these means: on every address. */
const WILDCARDS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** One launcher or builder, and where to ask it. */
export interface Target {
  /** As it is registered; undefined where only its address is known. */
  readonly hostname: string | undefined;
  /** Without a path. */
  readonly url: string;
}

/** `web`: its section of the configuration, `webapp` or `builder.web`. */
export function targetsOf(
  registered: readonly Pick<ComponentRecord, 'hostname'>[],
  web: Config['webapp'],
  ownHostname: string,
): Target[] {
  const hostnames = [...new Set(registered.map(({ hostname }) => hostname))].sort();
  return hostnames.slice(0, MOST_TARGETS).map((hostname) => {
    const { listenAddress, port } = web;
    // Here the address is known, whether or not the name can be resolved.
    const own = WILDCARDS.has(listenAddress) ? 'localhost' : listenAddress;
    const host = hostname === ownHostname ? own : hostname;
    return { hostname, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  });
}
