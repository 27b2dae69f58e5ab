/**
 * Which HTTP proxy stands between us and an address: `http_proxy`, `https_proxy`, `all_proxy` and
 * `no_proxy` in either case, read as Python's requests reads them, which Python Nodepool calls with.
 */
import { BlockList, isIP } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's URL; undefined: none. */
export function proxyFor(url: URL, environment: Environment): string | undefined {
  const scheme = url.protocol.replace(':', '');
  const proxy = variable(environment, `${scheme}_proxy`) ?? variable(environment, 'all_proxy');
  if (proxy === undefined || isExempt(url, variable(environment, 'no_proxy') ?? ''))
    return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** The lower case wins. Empty means unset. */
function variable(environment: Environment, name: string): string | undefined {
  const values = [environment[name], environment[name.toUpperCase()]];
  return values.find((value) => value !== undefined && value !== '');
}

/** `no_proxy`: names, domains, addresses and networks, each perhaps with a port; `*` is all. */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => fits(entry.toLowerCase(), host, port));
}

function fits(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (isIP(host) !== 0 && entry.includes('/')) return isInNetwork(host, entry);
  const [, name = entry, wantedPort] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
  if (isIP(entry) === 0 && wantedPort !== undefined && wantedPort !== port) return false;
  const wanted = (isIP(entry) === 0 ? name : entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) !== isIP(host) || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
