/**
 * Connections over TLS for libraries that speak through Node's own agents: through the proxy that the
 * environment names. Those that speak through `fetch` have http-connections.ts.
 */
import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest, type AgentOptions, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { proxyFor, type Environment } from './proxy.ts';

/** Until a connection is there. */
export const CONNECT_MS = 10_000;

type Created = (error: Error | null, socket: Duplex) => void;

/** Makes its connections through a proxy, where there is one for the address. */
export class TunnelAgent extends Agent {
  readonly #environment: Environment;

  constructor(options: AgentOptions, environment: Environment) {
    super(options);
    this.#environment = environment;
  }

  override createConnection(options: RequestOptions, callback?: Created) {
    const { host, port } = options;
    const name = host ?? '';
    const address = `${name.includes(':') ? `[${name}]` : name}:${port ?? 443}`;
    const proxy = proxyFor(new URL(`https://${address}`), this.#environment);
    if (proxy === undefined) return super.createConnection(options, callback);
    openTunnel(new URL(proxy), address, (error, socket) => {
      if (error) {
        // Node's types demand a socket beside an error.
        (callback as (error: Error) => void)(error);
        return;
      }
      const through: object = { ...options, socket };
      const stream = super.createConnection(through);
      if (stream) callback?.(null, stream);
    });
    return undefined;
  }
}

function openTunnel(
  proxy: URL,
  address: string,
  callback: (error: Error | undefined, socket?: Socket) => void,
): void {
  const { hostname, port, protocol, username, password } = proxy;
  const isTls = protocol === 'https:';
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(secret).toString('base64')}`;
  const request = (isTls ? httpsRequest : httpRequest)({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    method: 'CONNECT',
    path: address,
    agent: false,
    timeout: CONNECT_MS,
    headers: { host: address, ...(username !== '' && { 'proxy-authorization': authorization }) },
  });
  const fail = (words: string, code: string): void => {
    callback(Object.assign(new Error(`proxy ${hostname}: ${words}`), { code }));
  };
  request.once('connect', ({ statusCode = 0 }, socket: Socket) => {
    if (statusCode === 200) callback(undefined, socket);
    else {
      socket.destroy();
      fail(`it refuses ${address} with status ${statusCode}`, 'ECONNREFUSED');
    }
  });
  request.once('timeout', () => {
    request.destroy(new Error('no answer in time'));
  });
  request.once('error', ({ message }) => {
    fail(message, 'ECONNREFUSED');
  });
  request.end();
}
