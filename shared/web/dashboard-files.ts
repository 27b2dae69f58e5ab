/**
 * The dashboard: a page and its files, as they stand in the folder `dashboard`. Read once, when somebody
 * asks for one.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { programFile } from '../base/program-files.ts';
import { sendText } from './app.ts';
import { isSameAsKnown } from './etag.ts';
import { readOnly } from './methods.ts';

const FOLDER = programFile('shared/web/dashboard/');
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.css': 'text/css; charset=UTF-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Nothing but what comes from here; whatever a record says, it is shown and never run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

/** `folder`: for tests. */
export function addDashboard(app: FastifyInstance, folder: URL = FOLDER): void {
  let reading: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const send = async (
    name: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const file = (await (reading ??= readFiles(folder))).get(name);
    if (file === undefined) return sendText(reply, 404, 'Not Found');
    void reply
      .header('Content-Security-Policy', POLICY)
      .header('X-Content-Type-Options', 'nosniff')
      .header('Referrer-Policy', 'no-referrer')
      // Asked for anew each time, and sent where it differs: after an update no page is half old.
      .header('Cache-Control', 'no-cache')
      .header('ETag', file.etag)
      .type(file.type);
    if (isSameAsKnown(request, file.etag)) return reply.code(304).send();
    return reply.send(file.content);
  };
  readOnly(app, '/', (request, reply) => send(PAGE, request, reply));
  readOnly(app, '/dashboard/:file', (request, reply) =>
    send((request.params as { file: string }).file, request, reply),
  );
}

async function readFiles(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const content = await readFile(new URL(name, folder));
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    files.set(name, { type, content, etag: `"${digest}"` });
  }
  return files;
}
