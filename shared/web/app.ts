/**
 * What all web servers of ours share: how they listen, the probes `/ready` and `/live`, the shapes of
 * answers, and what an error looks like. Methods are not checked where the original does not.
 */
import { STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { messageOf, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Answer } from './answer-cache.ts';
import { chooseShape, type Shape } from './negotiation.ts';

export interface WebAppOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** What `/ready` answers. */
  readonly isReady: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Until a request must be there, headers and body. Default 10,000; shorter for tests. */
  readonly requestTimeoutMs?: number;
}

export interface WebServer {
  readonly port: number;
  /** Of all routes, parameters as `:name`. */
  readonly paths: readonly string[];
  /** Ends open connections too. */
  close(): Promise<void>;
}

const PROBES = ['/ready', '/live'];
/** Form fields are short; anything longer is no question to us. */
const MAX_BODY_BYTES = 65_536;
/** Of a part of a path that is a name: that of a file may be as long. */
const MOST_NAME_BYTES = 255;
/** A client that needs longer for its headers or body is broken or hostile. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
/** Each takes a file of those that the process may have; the daemon's own work needs some, too. */
const MOST_CONNECTIONS = 800;

/** @throws NodepoolError NP_WEB_LISTEN */
export async function startWebApp(
  options: WebAppOptions,
  addRoutes: (app: FastifyInstance) => void,
): Promise<WebServer> {
  const { address, log } = options;
  const app = await makeApp(options);
  const paths = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    paths.add(url);
  });
  addRoutes(app);
  try {
    await app.listen({ host: address, port: options.port });
  } catch (error) {
    await app.close();
    const where = `${address}:${options.port}`;
    throw new NodepoolError('NP_WEB_LISTEN', `cannot listen on ${where}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const { port } = app.server.address() as AddressInfo;
  log.info('web server started', { address, port });
  return { port, paths: [...PROBES, ...paths], close: () => app.close() };
}

/** Fastify is loaded here and not above: a daemon without web server does not pay for it. */
async function makeApp(options: WebAppOptions): Promise<FastifyInstance> {
  const { clock, log, isReady, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const { fastify } = await import('fastify');
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    http: {
      headersTimeout: requestTimeoutMs,
      // Node looks for requests that are late only so often, every half minute by itself.
      connectionsCheckingInterval: requestTimeoutMs / 4,
    },
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MOST_NAME_BYTES },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.all('/ready', (request, reply) => {
    if (!isReady()) return sendText(reply, 503, 'Service Unavailable');
    return sendOk(request, reply, clock);
  });
  app.all('/live', (request, reply) => sendOk(request, reply, clock));
  app.setNotFoundHandler((_request, reply) => sendText(reply, 404, 'Not Found'));
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error('web request failed', { path: request.url, error });
    // All the rest of a question that is too long is not worth reading.
    if (status === 413) void reply.header('Connection', 'close');
    return sendText(reply, status, STATUS_CODES[status] ?? 'Error');
  });
  return app;
}

function sendOk(request: FastifyRequest, reply: FastifyReply, clock: Clock): FastifyReply {
  const shape = chooseShape(request.headers.accept) ?? 'text';
  return sendAnswer(request, reply, { shape, answer: { body: 'OK', madeAtMs: clock.now() } });
}

/** An answer that is good for a second, or that the client has it already. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { shape, answer }: { shape: Shape; answer: Answer },
): FastifyReply {
  // HTTP dates have no fraction.
  const madeAt = Math.floor(answer.madeAtMs / 1000) * 1000;
  void reply
    .header('Access-Control-Allow-Origin', '*')
    .header('Cache-Control', 'max-age=1, public')
    .header('Last-Modified', new Date(madeAt).toUTCString())
    .header('Expires', new Date(madeAt + 1000).toUTCString())
    .header('Vary', 'Accept')
    .type(shape === 'json' ? 'application/json' : 'text/plain; charset=UTF-8');
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && since >= madeAt) return reply.code(304).send();
  return reply.send(answer.body);
}

/** A status and its name, as text. */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=UTF-8').send(`${status} ${text}\n`);
}
