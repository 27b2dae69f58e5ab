/**
 * The launcher's web server: lists for people and scripts, and the probes `/ready` and `/live`.
 *
 * Paths, parameters, columns, JSON keys and headers are the original's (nodepool/webapp.py). Reads
 * caches only and has no authentication, as there. Methods are not checked, and form fields count
 * as parameters. What differs: nothing acceptable is 406 (500 there). `/live`, `/status`, `/explain` and
 * `/explain/<request>` are new; the last three are JSON whatever is asked for, and a request that does
 * not exist is 404 with the body `null`.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { AdminGate } from './admin/gate.ts';
import { addActions } from './admin/routes.ts';
import { AdminToken, type AdminTokenOptions } from './admin/token.ts';
import { sendAnswer, sendText, startWebApp, type WebServer } from './app.ts';
import { AnswerCache } from './answer-cache.ts';
import { builderNews } from './builders/feed.ts';
import { addBuildLogs } from './builders/log-route.ts';
import { buildListing, imageListing, uploadListing } from './image-listings.ts';
import { addDashboard } from './dashboard-files.ts';
import { EventHub, type HubLimits } from './events/hub.ts';
import { addEvents } from './events/route.ts';
import {
  labelListing,
  listingJson,
  listingText,
  nodeListing,
  requestListing,
  type Listing,
} from './listings.ts';
import { addMetricsRoute, type MetricsSource } from './metrics-route.ts';
import { chooseShape, type Shape } from './negotiation.ts';
import { addDescription } from './openapi/route.ts';
import type { WebSource } from './source.ts';

export interface WebOptions {
  /** Default of the configuration: 0.0.0.0. */
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly source: WebSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** What `/metrics` answers; without it there is none. */
  readonly metrics?: MetricsSource;
  /** Without it nobody may act. */
  readonly adminToken?: Omit<AdminTokenOptions, 'log'>;
  /** See app.ts. */
  readonly requestTimeoutMs?: number;
  /** Of `/events`; defaults as in events/hub.ts. */
  readonly readerLimits?: Partial<HubLimits>;
}

/** @throws NodepoolError NP_WEB_LISTEN */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { clock, log, source } = options;
  const isReady = (): boolean => source.isReady();
  const token = new AdminToken({
    file: () => undefined,
    fromEnvironment: undefined,
    ...options.adminToken,
    log,
  });
  await token.refresh();
  const gate = new AdminGate({ token, clock, log });
  const hub = makeHub(options, token);
  const closing = new AbortController();
  const { signal } = closing;
  const appOptions = { ...options, isReady };
  const web = await startWebApp(appOptions, (app) => {
    addRoutes(app, options);
    addEvents(app, hub, gate);
    addActions(app, { gate, actions: source.actions, clock, log, signal });
    addBuildLogs(app, { gate, source: source.builders, clock, log, signal });
    addDashboard(app);
    if (options.metrics) addMetricsRoute(app, options.metrics);
    addDescription(app, async () => {
      const [{ LAUNCHER_ROUTES }, { METRICS }] = await Promise.all([
        import('./openapi/launcher.ts'),
        import('./openapi/common.ts'),
      ]);
      return {
        title: 'Nodepool launcher',
        description: 'Lists for people and scripts, what goes on, and what operators may do.',
        version: source.version,
        routes: options.metrics ? [...LAUNCHER_ROUTES, METRICS] : LAUNCHER_ROUTES,
      };
    });
  });
  return {
    ...web,
    close: async () => {
      hub.close();
      closing.abort();
      await web.close();
    },
  };
}

const STATUS_MS = 1000;
const BUILDERS_MS = 2000;

function makeHub(
  { source, clock, log, readerLimits = {} }: WebOptions,
  token: AdminToken,
): EventHub {
  const { launcher, version, topics, builders } = source;
  return new EventHub({
    ...{ topics, clock, log, limits: readerLimits },
    hello: () => ({ launcher, version, now: clock.now() / 1000, may_act: token.isConfigured }),
    feeds: [
      { event: 'status', everyMs: STATUS_MS, look: () => source.status() },
      {
        event: 'builders',
        everyMs: BUILDERS_MS,
        look: (signal) => builderNews(builders, { clock, signal }),
      },
    ],
  });
}

function addRoutes(app: FastifyInstance, options: WebOptions): void {
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
  app.all('/status', (request, reply) => {
    const answer = cache.get('/status', () => JSON.stringify(options.source.status()));
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
  '/image-list': ({ source, clock }) => uploadListing(source.images.uploads(), clock.now() / 1000),
  '/dib-image-list': ({ source, clock }) =>
    buildListing(source.images.builds(), clock.now() / 1000),
  '/image-status': ({ source, clock }) => imageListing(source.images.images(), clock.now() / 1000),
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
