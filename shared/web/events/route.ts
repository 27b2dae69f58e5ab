/** `GET /events`: what goes on, as server-sent events, for whoever wants to know. */
import type { FastifyInstance } from 'fastify';

import type { AdminGate } from '../admin/gate.ts';
import { sendText } from '../app.ts';
import { only } from '../methods.ts';
import type { EventHub } from './hub.ts';

/** Of the network: a reader whose machine vanished without a word is noticed. */
const PROBE_MS = 60_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=UTF-8',
  'Cache-Control': 'no-store',
  'Access-Control-Allow-Origin': '*',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Accept-Encoding',
  // nginx would collect them.
  'X-Accel-Buffering': 'no',
  Connection: 'close',
};

export function addEvents(app: FastifyInstance, hub: EventHub, gate: AdminGate): void {
  only(app, '/events', ['GET'], async (request, reply) => {
    // What hello says of it is to be true.
    await gate.isOpen();
    if (hub.isFull)
      return sendText(reply.header('Retry-After', '10'), 503, 'Service Unavailable: many readers');
    reply.hijack();
    const { raw } = reply;
    if (raw.closed || raw.destroyed) return reply;
    // No news for a while is nothing wrong.
    raw.socket?.setTimeout(0).setKeepAlive(true, PROBE_MS).setNoDelay(true);
    raw.on('error', () => undefined);
    const isPacked = takesGzip(request.headers['accept-encoding']);
    const encoding = isPacked ? { 'Content-Encoding': 'gzip' } : {};
    raw.writeHead(200, { ...HEADERS, ...encoding }).flushHeaders();
    hub.add(raw, isPacked);
    return reply;
  });
}

/** Whether it is among those that the client takes, and not refused by a quality of 0. */
function takesGzip(accepted: string | undefined): boolean {
  const gzip = accepted?.split(',').find((one) => /^\s*gzip\s*(;|$)/i.test(one));
  return gzip !== undefined && !/;\s*q\s*=\s*0(\.0*)?\s*$/i.test(gzip);
}
