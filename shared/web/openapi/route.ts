/** `GET /openapi.json`: what the server answers, for programs. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

import { isSameAsKnown } from '../etag.ts';
import { readOnly } from '../methods.ts';
import { openApi, type DocumentFacts } from './document.ts';

/** `facts`: asked for once, when somebody wants the description. */
export function addDescription(app: FastifyInstance, facts: () => Promise<DocumentFacts>): void {
  let making: Promise<{ body: string; etag: string }> | undefined;
  readOnly(app, '/openapi.json', async (request, reply) => {
    making ??= facts().then((known) => withTag(openApi(known)));
    const { body, etag } = await making;
    void reply
      .header('Access-Control-Allow-Origin', '*')
      .header('Cache-Control', 'no-cache')
      .header('ETag', etag)
      .type('application/json');
    if (isSameAsKnown(request, etag)) return reply.code(304).send();
    return reply.send(body);
  });
}

function withTag(body: string): { body: string; etag: string } {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { body, etag: `"${digest}"` };
}
