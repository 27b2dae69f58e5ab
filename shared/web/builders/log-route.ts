/**
 * `GET /build-log/IMAGE[/BUILD]`: the log of a build, passed on from the builder that has it, as fast as
 * the reader takes it. `?follow=1`, `?offset=BYTES` and `?tail=LINES` are the builder's own.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { below, sayFetchError } from '../../asking/get-text.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { joinSignals } from '../../base/wait.ts';
import { isLogKey } from '../../build-logs/names.ts';
import type { AdminGate } from '../admin/gate.ts';
import { sendText } from '../app.ts';
import { only } from '../methods.ts';
import { findLog } from './find-log.ts';
import type { BuilderSource } from './source.ts';

/** Each holds two connections. */
const MOST_READERS = 20;
/** A reader that takes nothing for so long is gone. */
const STALLED_MS = 600_000;
/** Until the builder begins to answer: it has to open a file. */
const ANSWER_MS = 5000;
const PASSED_ON = ['follow', 'offset', 'tail'] as const;
/** A wrong question, no log any more, too many readers. */
const PASSED_ON_STATUS: readonly number[] = [400, 404, 503];
/** To find a log asks all builders; a build that is made up is not worth that. */
const SOME_BUILD = '0'.repeat(32);

const HEADERS = {
  'Content-Type': 'text/plain; charset=UTF-8',
  // Whatever a build has written there, it is no page.
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cache-Control': 'no-store',
  Connection: 'close',
};

export interface LogRouteOptions {
  readonly source: BuilderSource;
  readonly gate: AdminGate;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the server ends. */
  readonly signal: AbortSignal;
}

interface LogName {
  readonly image: string;
  readonly build?: string;
}

export function addBuildLogs(app: FastifyInstance, options: LogRouteOptions): void {
  const { source, gate } = options;
  let readers = 0;
  const send = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { image, build } = request.params as LogName;
    if (!isLogKey({ image, build: build ?? SOME_BUILD })) return sendText(reply, 404, 'Not Found');
    if (source.areLogsKept() && !(await gate.admits(request, reply))) return reply;
    if (readers >= MOST_READERS)
      return sendText(reply.header('Retry-After', '10'), 503, 'Service Unavailable: many readers');
    readers++;
    const refusal = await passOn({ request, reply, image, build }, options).finally(() => {
      readers--;
    });
    return refusal === undefined ? reply : sendText(reply, refusal.status, refusal.text);
  };
  only(app, '/build-log/:image', ['GET'], send);
  only(app, '/build-log/:image/:build', ['GET'], send);
}

interface Reading {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly image: string;
  readonly build: string | undefined;
}

/** What is answered in place of a log. */
interface Refusal {
  readonly status: number;
  readonly text: string;
}

/** Undefined: the log has been sent, or its reader has gone. */
async function passOn(reading: Reading, options: LogRouteOptions): Promise<Refusal | undefined> {
  const { request, reply, image } = reading;
  const { source, clock, log } = options;
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort(new Error('the reader has gone'));
  };
  reply.raw.once('close', leave);
  const { signal, dispose } = joinSignals([gone.signal, options.signal]);
  try {
    const found = await findLog(reading, source, { clock, signal });
    if (found.kind === 'missing')
      return found.isOutOfReach
        ? badGateway(found.why)
        : { status: 404, text: `Not Found: ${found.why}` };
    const target = below(found.url, `build-log/${encodeURIComponent(image)}/${found.build}`);
    const query = new URLSearchParams(request.url.split('?')[1] ?? '');
    for (const name of PASSED_ON) {
      const value = query.get(name);
      if (value !== null) target.searchParams.set(name, value);
    }
    return await fetchInto(reply, { target, build: found.build, clock, log, signal });
  } catch (error) {
    if (reply.raw.headersSent || signal.aborted) {
      reply.hijack();
      reply.raw.destroy();
      return undefined;
    }
    return badGateway(`builder: ${sayFetchError(error)}`);
  } finally {
    dispose();
    leave();
    reply.raw.off('close', leave);
  }
}

interface Fetching {
  readonly target: URL;
  readonly build: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function fetchInto(reply: FastifyReply, job: Fetching): Promise<Refusal | undefined> {
  const { request } = await import('undici');
  const { target, build, clock, signal } = job;
  // A build may say nothing for hours.
  const options = { signal, headersTimeout: ANSWER_MS, bodyTimeout: 0 };
  const { statusCode, body } = await request(target, options);
  if (statusCode !== 200) {
    const text = await readShort(body);
    return PASSED_ON_STATUS.includes(statusCode)
      ? { status: statusCode, text: text.replace(/^\d+ /, '').trim() }
      : badGateway(`the builder answers ${statusCode}`);
  }
  reply.hijack();
  const { raw } = reply;
  raw.socket?.setTimeout(0);
  raw.writeHead(200, { ...HEADERS, 'X-Nodepool-Build': build }).flushHeaders();
  const pieces = Readable.from(whileTaken(body as AsyncIterable<Uint8Array>, raw, clock), {
    objectMode: false,
  });
  await pipeline(pieces, raw).catch((error: unknown) => {
    job.log.debug('a log was not passed on to its end', { reason: messageOf(error) });
    raw.destroy();
  });
  return undefined;
}

function badGateway(why: string): Refusal {
  return { status: 502, text: `Bad Gateway: ${why}` };
}

/** A refusal of a builder is a line. */
const MOST_REFUSAL = 1000;

async function readShort(body: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(piece).toString();
    if (text.length > MOST_REFUSAL) break;
  }
  return text.slice(0, MOST_REFUSAL);
}

async function* whileTaken(
  pieces: AsyncIterable<Uint8Array>,
  raw: ServerResponse,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const cancel = clock.after(STALLED_MS, () => {
      raw.destroy(new Error('the reader takes nothing'));
    });
    try {
      yield piece;
    } finally {
      cancel();
    }
  }
}
