/**
 * A server that the page takes for a launcher: the real page with its real policy, and a made-up cluster
 * of any size behind it. Tests push what changes, cut connections, refuse, and answer actions.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { startWebApp, type WebServer } from '../../../shared/web/app.ts';
import { addDashboard } from '../../../shared/web/dashboard-files.ts';
import type { Topic, TopicRows } from '../../../shared/web/dashboard/types.ts';
import { demoComponents, demoImages, demoNodes, demoRequests, type DemoSize } from './demo-rows.ts';
import { demoBuilders, demoExplanation, demoStatus } from './demo-status.ts';

/** As the real one has it. */
const ROWS_OF_CHUNK = 500;
export const DEMO_TOKEN = 'a token for the stand-in';

type Rows = { [T in Topic]: Map<string, TopicRows[T]> };

export class StandIn {
  readonly rows: Rows;
  status: ReturnType<typeof demoStatus>;
  builders: ReturnType<typeof demoBuilders>;
  /** Whether an admin token is configured. */
  mayAct = true;
  /** Answers to readers of events with this status in place of events. */
  refusal: number | undefined;
  /** Tells new readers hello and one chunk, and the rest when it is turned off. */
  isSlow = false;
  /** Logs want the token. */
  areLogsKept = false;
  /** What was asked for with the right token, as `METHOD path body`. */
  readonly acted: string[] = [];
  /** What the next action is answered with in place of success. */
  nextAnswer: { status: number; message: string } | undefined;
  /** Readers of build logs, to write to. */
  readonly logs: ServerResponse[] = [];
  readonly #readers = new Set<ServerResponse>();
  #server: WebServer | undefined;

  private constructor(size: DemoSize, now: number) {
    const requests = demoRequests(size, now);
    const { images, builds, uploads } = demoImages(now);
    this.rows = {
      nodes: byId(demoNodes(size, now)),
      requests: byId(requests),
      images: byId(images),
      builds: byId(builds),
      uploads: byId(uploads),
      components: byId(demoComponents()),
    };
    this.status = demoStatus(requests, now);
    this.builders = demoBuilders(now);
  }

  static async start(size: DemoSize, port = 0): Promise<StandIn> {
    const standIn = new StandIn(size, Date.now() / 1000);
    await standIn.listen(port);
    return standIn;
  }

  async listen(port = 0): Promise<void> {
    this.#server = await startWebApp(
      { address: '127.0.0.1', port, clock: systemClock, log: silentLogger, isReady: () => true },
      (app) => {
        this.#addRoutes(app);
      },
    );
  }

  get port(): number {
    if (this.#server === undefined) throw new Error('the stand-in does not listen');
    return this.#server.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get readers(): number {
    return this.#readers.size;
  }

  async close(): Promise<void> {
    this.drop();
    for (const log of this.logs) log.destroy();
    await this.#server?.close();
  }

  /** Cuts all readers of events off. */
  drop(): void {
    for (const reader of this.#readers) reader.destroy();
  }

  push(event: string, data: object): void {
    for (const reader of this.#readers) write(reader, event, data);
  }

  set<T extends Topic>(topic: T, row: TopicRows[T]): void {
    this.rows[topic].set(row.id, row);
    this.push('change', { topic, set: [row], gone: [] });
  }

  remove(topic: Topic, id: string): void {
    this.rows[topic].delete(id);
    this.push('change', { topic, set: [], gone: [id] });
  }

  #addRoutes(app: FastifyInstance): void {
    addDashboard(app);
    app.get('/events', (_request, reply) => this.#events(reply));
    app.get<{ Params: { id: string } }>('/explain/:id', (request, reply) => {
      const row = this.rows.requests.get(request.params.id);
      if (row === undefined) return reply.code(404).type('application/json').send('null');
      return reply.type('application/json').send(JSON.stringify(demoExplanation(row, now())));
    });
    app.get('/build-log/*', (request, reply) => {
      const isKnown = request.headers.authorization === `Bearer ${DEMO_TOKEN}`;
      if (this.areLogsKept && !isKnown) return reply.code(401).send();
      reply.hijack();
      reply.raw.writeHead(200, { 'Content-Type': 'text/plain; charset=UTF-8' }).flushHeaders();
      this.logs.push(reply.raw);
      return reply;
    });
    app.post('/api/*', (request, reply) => {
      const body = typeof request.body === 'string' ? request.body : '';
      return this.#act(request.url, request.headers.authorization, body, reply);
    });
  }

  #events(reply: FastifyReply): FastifyReply {
    if (this.refusal !== undefined) return reply.code(this.refusal).send();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.#readers.add(raw);
    raw.once('close', () => this.#readers.delete(raw));
    const { launcher, version } = this.status;
    write(raw, 'hello', { launcher, version, now: now(), may_act: this.mayAct });
    if (this.isSlow) {
      const set = [...this.rows.nodes.values()].slice(0, ROWS_OF_CHUNK);
      write(raw, 'reset', { topic: 'nodes' });
      write(raw, 'change', { topic: 'nodes', set, gone: [] });
      return reply;
    }
    this.#snapshot(raw);
    return reply;
  }

  /** Tells all readers everything, as one that was too slow is told. */
  goOn(): void {
    this.isSlow = false;
    for (const reader of this.#readers) this.#snapshot(reader);
  }

  #snapshot(raw: ServerResponse): void {
    for (const [topic, rows] of Object.entries(this.rows)) {
      write(raw, 'reset', { topic });
      const all = [...rows.values()];
      for (let from = 0; from < all.length; from += ROWS_OF_CHUNK)
        write(raw, 'change', { topic, set: all.slice(from, from + ROWS_OF_CHUNK), gone: [] });
      write(raw, 'synced', { topic });
    }
    write(raw, 'status', this.status);
    write(raw, 'builders', { builders: this.builders });
  }

  #act(
    path: string,
    authorization: string | undefined,
    body: string,
    reply: FastifyReply,
  ): FastifyReply {
    if (authorization !== `Bearer ${DEMO_TOKEN}`) return reply.code(401).send();
    if (path === '/api/check') return reply.code(204).send();
    this.acted.push(`POST ${path} ${body}`);
    const { status, message } = this.nextAnswer ?? { status: 200, message: 'done' };
    this.nextAnswer = undefined;
    return reply.code(status).type('application/json').send(JSON.stringify({ message }));
  }
}

function write(reader: ServerResponse, event: string, data: object): void {
  reader.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

function now(): number {
  return Date.now() / 1000;
}
