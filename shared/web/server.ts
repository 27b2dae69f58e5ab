/**
 * The launcher's web server: lists for people and scripts, and the probes `/ready` and `/live`.
 *
 * Paths, parameters, columns, JSON keys and headers are the original's (nodepool/webapp.py). Reads
 * caches only and has no authentication, as there. Methods are not checked, and form fields count
 * as parameters. What differs: nothing acceptable is 406 (500 there). `/live`, `/explain` and
 * `/explain/<request>` are new; the last two are JSON whatever is asked for, and a request that does
 * not exist is 404 with the body `null`.
 */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { messageOf, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import {
  labelListing,
  listingJson,
  listingText,
  nodeListing,
  requestListing,
  type Listing,
} from './listings.ts';
import { chooseShape, type Shape } from './negotiation.ts';
import { AnswerCache, type Answer } from './answer-cache.ts';
import type { WebSource } from './source.ts';

export interface WebOptions {
  /** Default of the configuration: 0.0.0.0. */
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly source: WebSource;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface WebServer {
  readonly port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Form fields are short; anything longer is no question to us. */
const MAX_BODY_BYTES = 65_536;
/** A client that needs longer for its headers or body is broken or hostile. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;

/** @throws NodepoolError NP_WEB_LISTEN */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const app = await makeApp(options);
  try {
    await app.listen({ host: options.address, port: options.port });
  } catch (error) {
    await app.close();
    const where = `${options.address}:${options.port}`;
    throw new NodepoolError('NP_WEB_LISTEN', `cannot listen on ${where}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const { port } = app.server.address() as AddressInfo;
  options.log.info('web server started', { address: options.address, port });
  return { port, close: () => app.close() };
}

/** Fastify is loaded here and not above: a launcher without web server does not pay for it. */
async function makeApp(options: WebOptions): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  const cache = new AnswerCache(options.clock);
  for (const [path, list] of Object.entries(LISTS))
    app.all(path, (request, reply) => {
      const shape = chooseShape(request.headers.accept);
      if (shape === undefined) return sendText(reply, 406, 'Not Acceptable');
      const question = { path, shape, ...parametersOf(request) };
      const answer = cache.get(JSON.stringify(question), () =>
        answerTo(question, list(options, question)),
      );
      return sendAnswer(request, reply, { shape, answer });
    });
  app.all('/explain', (request, reply) => {
    const answer = cache.get('/explain', () => JSON.stringify(options.source.explainWaiting()));
    return sendAnswer(request, reply, { shape: 'json', answer });
  });
  app.all<{ Params: { request: string } }>('/explain/:request', (request, reply) => {
    const id = request.params.request;
    const answer = cache.get(JSON.stringify(['/explain', id]), () =>
      JSON.stringify(options.source.explain(id) ?? null),
    );
    // Whoever asks several launchers has to know that this one understood the question.
    const isKnown = answer.body !== 'null';
    return sendAnswer(request, isKnown ? reply : reply.code(404), { shape: 'json', answer });
  });
  app.all('/ready', (request, reply) => {
    if (!options.source.isReady()) return sendText(reply, 503, 'Service Unavailable');
    return sendOk(request, reply, options.clock);
  });
  app.all('/live', (request, reply) => sendOk(request, reply, options.clock));
  app.setNotFoundHandler((_request, reply) => sendText(reply, 404, 'Not Found'));
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error('web request failed', { path: request.url, error });
    return sendText(reply, status, status >= 500 ? 'Internal Server Error' : 'Bad Request');
  });
  return app;
}

interface Question {
  readonly path: string;
  readonly shape: Shape;
  readonly fields: string | undefined;
  readonly nodeId: string | undefined;
}

const LISTS: Readonly<Record<string, (options: WebOptions, question: Question) => Listing>> = {
  '/node-list': ({ source, clock }, { nodeId }) => {
    const node = nodeId === undefined ? undefined : source.node(nodeId);
    const chosen = node === undefined ? [] : [node];
    return nodeListing(nodeId === undefined ? source.nodes() : chosen, clock.now() / 1000);
  },
  '/request-list': ({ source }) => requestListing(source.requests()),
  '/label-list': ({ source }) => labelListing(source.labels()),
};

function answerTo(question: Question, listing: Listing): string {
  return question.shape === 'json'
    ? listingJson(listing)
    : listingText(listing, question.fields?.split(','));
}

/** The last value of each parameter, of the query or else of the form; an empty one is none. */
function parametersOf(request: FastifyRequest): Pick<Question, 'fields' | 'nodeId'> {
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const isForm = /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  const form = new URLSearchParams(isForm && typeof request.body === 'string' ? request.body : '');
  const valueOf = (name: string): string | undefined => {
    const value = [...query.getAll(name), ...form.getAll(name)].at(-1);
    return value === '' ? undefined : value;
  };
  return { fields: valueOf('fields'), nodeId: valueOf('node_id') };
}

function sendOk(request: FastifyRequest, reply: FastifyReply, clock: Clock): FastifyReply {
  const shape = chooseShape(request.headers.accept) ?? 'text';
  return sendAnswer(request, reply, { shape, answer: { body: 'OK', madeAtMs: clock.now() } });
}

function sendAnswer(
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

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=UTF-8').send(`${status} ${text}\n`);
}
