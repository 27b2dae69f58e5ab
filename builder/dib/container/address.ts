/**
 * Where the Docker daemon listens, from the configuration and the environment, as Docker's own client
 * reads them. Pure.
 *
 *   DOCKER_HOST         unix:///path or tcp://host[:port]; `extensions: builder: container: host` wins
 *   DOCKER_TLS_VERIFY   not empty: TLS. So does a DOCKER_CERT_PATH, or https://
 *   DOCKER_CERT_PATH    folder of ca.pem, cert.pem and key.pem; default ~/.docker
 *
 * With TLS the daemon's certificate is always checked.
 *
 * Facts: docs.docker.com/engine/security/protect-access, docker/cli cli/flags/options.go.
 */
import { join } from 'node:path';

import { NodepoolError } from '../../../shared/base/errors.ts';
import type { Environment } from '../../../shared/config/substitute.ts';

export type DaemonAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Undefined: no TLS. */
      readonly tls: TlsFiles | undefined;
    };

/** Paths. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface AddressInput {
  /** From the configuration. */
  readonly host: string | undefined;
  readonly environment: Environment;
  /** The user's home folder. */
  readonly home: string;
}

const USUAL_SOCKET = 'unix:///var/run/docker.sock';
const PORT = 2375;
const TLS_PORT = 2376;

/** @throws NodepoolError NP_BUILD_RUNNER for an address that is none. */
export function daemonAddress({ host, environment, home }: AddressInput): DaemonAddress {
  // Empty counts as not set.
  const variable = (name: string): string | undefined =>
    environment[name] === '' ? undefined : environment[name];
  const text = host ?? variable('DOCKER_HOST') ?? USUAL_SOCKET;
  const [, path] = /^unix:\/\/(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: 'socket', path };
  const url = /^(tcp|https?):\/\//.test(text) ? urlOf(text) : undefined;
  if (url === undefined) {
    throw new NodepoolError('NP_BUILD_RUNNER', `${text} is no address of a Docker daemon`, {
      hint: 'Write unix:///path or tcp://host:port to extensions: builder: container: host, or to DOCKER_HOST.',
    });
  }
  const isTls =
    text.startsWith('https:') ||
    variable('DOCKER_TLS_VERIFY') !== undefined ||
    variable('DOCKER_CERT_PATH') !== undefined;
  const folder = variable('DOCKER_CERT_PATH') ?? join(home, '.docker');
  return {
    kind: 'tcp',
    // The brackets of an IPv6 address belong to the URL.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isTls ? TLS_PORT : PORT) : Number(url.port),
    tls: isTls ? filesIn(folder) : undefined,
  };
}

/** For people. */
export function addressText(address: DaemonAddress): string {
  if (address.kind === 'socket') return `unix://${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.tls === undefined ? 'tcp' : 'https'}://${host}:${address.port}`;
}

/** Read as tcp, which has no usual port that would be left out, as https has. */
function urlOf(text: string): URL | undefined {
  try {
    const url = new URL(text.replace(/^[a-z]+:/, 'tcp:'));
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined;
  }
}

function filesIn(folder: string): TlsFiles {
  return {
    ca: join(folder, 'ca.pem'),
    cert: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
  };
}
