/**
 * Node's way to a cluster: connections are kept open for the next call, a bounded number; watches have
 * their own, so that they are in nobody's way. Redirects are not followed: the credentials must go to
 * nobody else.
 */
import { Agent, ProxyAgent, Socks5ProxyAgent, request as send, type Dispatcher } from 'undici';

import type { KubeRequest, KubeResponse, TlsSettings, Transport } from './transport.ts';

/** For calls. More of them wait, inside their deadlines. */
const MOST_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 10_000;
/** A server that is gone without a word is noticed by the system this long after its last one. */
const KEEP_ALIVE_MS = 15_000;

export interface NodeHttp {
  readonly transport: Transport;
  /** Ends what is open. */
  close(): Promise<void>;
}

interface Agents {
  /** What they were made with. */
  readonly key: string;
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export function openNodeHttp(): NodeHttp {
  let agents: Agents | undefined;
  const agentsFor = (tls: TlsSettings): Agents => {
    const key = JSON.stringify(tls);
    if (agents?.key === key) return agents;
    // Calls that run on the old ones come to their end.
    if (agents !== undefined) void end(agents, 'close');
    agents = { key, calls: agentFor(tls, MOST_CONNECTIONS), watches: agentFor(tls, null) };
    return agents;
  };
  return {
    transport: (request) => transmit(request, agentsFor(request.tls)),
    close: async () => {
      if (agents !== undefined) await end(agents, 'destroy');
      agents = undefined;
    },
  };
}

async function transmit(request: KubeRequest, agents: Agents): Promise<KubeResponse> {
  const { method, url, headers, body, signal } = request;
  const isWatch = url.searchParams.has('watch');
  const {
    statusCode,
    headers: answered,
    body: stream,
  } = await send(url, {
    ...{ method, headers: { ...headers }, body: body ?? null, signal },
    dispatcher: isWatch ? agents.watches : agents.calls,
  });
  const one = ([name, value]: [string, string | string[] | undefined]): [string, string] => [
    name,
    [value ?? ''].flat().join(', '),
  ];
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(answered).map(one)),
    body: stream,
  };
}

function agentFor(tls: TlsSettings, connections: number | null): Dispatcher {
  const { proxyUrl } = tls;
  // Calls have deadlines of their own, and a watch is silent for as long as nothing happens.
  const shared = { connections, headersTimeout: 0, bodyTimeout: 0 };
  const secure = {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: !tls.skipVerify,
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  };
  if (proxyUrl === undefined) return new Agent({ ...shared, connect: secure });
  if (proxyUrl.startsWith('socks5:')) {
    // Undici's types do not know of it.
    const toServer: object = { requestTls: secure };
    return new Socks5ProxyAgent(proxyUrl, { ...shared, ...toServer });
  }
  return new ProxyAgent({ ...shared, uri: proxyUrl, requestTls: secure });
}

async function end({ calls, watches }: Agents, how: 'close' | 'destroy'): Promise<void> {
  await Promise.all([calls, watches].map((one) => one[how]()));
}
