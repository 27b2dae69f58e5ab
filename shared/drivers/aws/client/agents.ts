/**
 * Connections to AWS: kept open for the next call, a bounded number to each service, through the proxy
 * that the environment names, and with the certificates of AWS_CA_BUNDLE. The SDK itself looks at
 * neither, unlike boto3.
 */
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest, type AgentOptions, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { CloudError } from '../../../base/errors.ts';
import { proxyFor, type Environment } from '../../../cloud/proxy.ts';

/** Connections to one service; more calls than these at once wait. */
const SOCKETS = 100;
const CONNECT_MS = 10_000;

/** For `requestHandler` of an SDK client, which destroys the agents at its end. */
export async function connectionOptions(environment: Environment) {
  const kept = { keepAlive: true, maxSockets: SOCKETS };
  const ca = await certificates(environment);
  const httpsAgent = new TunnelAgent({ ...kept, ...(ca && { ca }) }, environment);
  return { connectionTimeout: CONNECT_MS, httpAgent: kept, httpsAgent };
}

async function certificates({ AWS_CA_BUNDLE: file }: Environment): Promise<Buffer | undefined> {
  if (file === undefined || file === '') return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new CloudError('NP_CLOUD_FATAL', `AWS_CA_BUNDLE cannot be read: ${file}`, {
      hint: 'correct AWS_CA_BUNDLE in the environment, or unset it',
      cause: error,
    });
  }
}

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
