/** Routes of ours that the original does not have: they take the methods they are made for, no others. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { sendText } from './app.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** What of a page is read: `GET`, and `HEAD` as the same without its body. */
export function readOnly(app: FastifyInstance, path: string, handler: Handler): void {
  only(app, path, ['GET', 'HEAD'], handler);
}

/** All other methods are answered 405. */
export function only(
  app: FastifyInstance,
  path: string,
  methods: readonly string[],
  handler: Handler,
): void {
  app.all(path, (request, reply) => {
    if (methods.includes(request.method)) return handler(request, reply);
    return sendText(reply.header('Allow', methods.join(', ')), 405, 'Method Not Allowed');
  });
}
