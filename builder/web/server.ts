/**
 * The builder's web server: what it builds and uploads, and logs of builds, also while they are
 * written. Python's builders have none. No authentication, as with the launcher's.
 *
 *   /ready /live                  probes
 *   /metrics                      for Prometheus
 *   /builds /uploads              JSON (schemas/builder-status.ts)
 *   /build-logs/IMAGE             JSON: which logs of the image are here, newest first
 *   /openapi.json                 all of it, for programs
 *   /build-log/IMAGE[/BUILD]      text; ?offset=BYTES or ?tail=LINES; ?follow=1 until the build ends
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { join } from 'node:path';

import type { Clock } from '../../shared/base/clock.ts';
import type { Logger } from '../../shared/base/log.ts';
import { logsIn } from '../../shared/build-logs/folder.ts';
import { buildLogName, isLogKey } from '../../shared/build-logs/names.ts';
import { sendAnswer, sendText, startWebApp, type WebServer } from '../../shared/web/app.ts';
import { addMetricsRoute, type MetricsSource } from '../../shared/web/metrics-route.ts';
import { packageVersion } from '../../shared/base/version.ts';
import { addDescription } from '../../shared/web/openapi/route.ts';
import { buildsAnswer, logsAnswer, uploadsAnswer } from './answers.ts';
import { LogProgresses } from './log-progress.ts';
import { readLogQuestion } from './log-question.ts';
import { LogReaders } from './log-stream.ts';
import type { BuilderWebSource } from './source.ts';

export interface BuilderWebOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly source: BuilderWebSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** What `/metrics` answers; without it there is none. */
  readonly metrics?: MetricsSource;
}

interface LogRoute {
  readonly Params: { readonly image: string; readonly build?: string };
}

/** @throws NodepoolError NP_WEB_LISTEN */
export async function startBuilderWeb(options: BuilderWebOptions): Promise<WebServer> {
  const { address, port, source, clock, log } = options;
  const isReady = (): boolean => source.isReady();
  const readers = new LogReaders(clock, log);
  const web = await startWebApp({ address, port, isReady, clock, log }, (app) => {
    addStatus(app, options);
    addLogs(app, source, readers);
    addDescription(app, async () => {
      const { BUILDER_ROUTES, METRICS } = await import('./openapi.ts');
      const routes = options.metrics ? [...BUILDER_ROUTES, METRICS] : BUILDER_ROUTES;
      const description = 'What the builder builds and uploads, and logs of builds.';
      return { title: 'Nodepool builder', description, version: packageVersion(), routes };
    });
    if (options.metrics) addMetricsRoute(app, options.metrics);
  });
  return {
    ...web,
    close: async () => {
      await readers.drain();
      await web.close();
    },
  };
}

function addStatus(app: FastifyInstance, { source, clock }: BuilderWebOptions): void {
  const progresses = new LogProgresses(source.logFolder);
  const sendJson = (request: FastifyRequest, reply: FastifyReply, data: object): FastifyReply => {
    const answer = { body: JSON.stringify(data), madeAtMs: clock.now() };
    return sendAnswer(request, reply, { shape: 'json', answer });
  };
  app.get('/builds', async (request, reply) => {
    const builds = source.builds();
    const logs = await progresses.of(builds);
    return sendJson(request, reply, buildsAnswer(source.host, builds, logs));
  });
  app.get('/uploads', (request, reply) =>
    sendJson(request, reply, uploadsAnswer(source.host, source.uploads())),
  );
  app.get<LogRoute>('/build-logs/:image', async (request, reply) => {
    const logs = await logsIn(source.logFolder, request.params.image);
    return sendJson(request, reply, logsAnswer(source.host, logs));
  });
}

function addLogs(app: FastifyInstance, source: BuilderWebSource, readers: LogReaders): void {
  const send = async (
    request: FastifyRequest<LogRoute>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { image } = request.params;
    const build = request.params.build ?? (await newestBuild(source, image));
    const key = build === undefined ? undefined : { image, build };
    if (key === undefined || !isLogKey(key)) return sendText(reply, 404, 'Not Found');
    const question = readLogQuestion(new URLSearchParams(request.url.split('?')[1] ?? ''));
    if (typeof question === 'string') return sendText(reply, 400, `Bad Request: ${question}`);
    if (readers.isFull)
      return sendText(reply.header('Retry-After', '10'), 503, 'Service Unavailable: many readers');
    const log = {
      path: join(source.logFolder, buildLogName(key)),
      from: question.from,
      writer: question.isFollowing ? source.writerOf(key) : undefined,
    };
    const headers = { 'X-Nodepool-Build': key.build };
    const isThere = await readers.send({ reply, log, headers });
    return isThere ? reply : sendText(reply, 404, 'Not Found');
  };
  app.get<LogRoute>('/build-log/:image', send);
  app.get<LogRoute>('/build-log/:image/:build', send);
}

/** One that runs here, else that of the newest log. Undefined: there is none. */
async function newestBuild(source: BuilderWebSource, image: string): Promise<string | undefined> {
  const running = source.builds().find((one) => one.image === image);
  return running?.build ?? (await logsIn(source.logFolder, image))[0]?.build;
}
