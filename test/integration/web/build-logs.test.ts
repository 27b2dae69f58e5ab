/** Logs of builds and news of builders, passed on from a builder's real web server. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBuilderWeb } from '../../../builder/web/server.ts';
import type { BuilderWebSource } from '../../../builder/web/source.ts';
import { builderNewsSchema } from '../../../schemas/builder-status.ts';
import { buildSchema } from '../../../schemas/records/image.ts';
import type { Target } from '../../../shared/asking/targets.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { ThingsPage } from '../../support/event-things.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';
import { quietSource } from '../../support/web-source.ts';

const BUILD = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const TOKEN = 'a-token-of-32-characters-or-more';

describe('logs of builds at the launcher', () => {
  let folder: string;
  let builder: WebServer;
  let web: WebServer;
  let base: string;
  let targets: Target[];
  let isWriting: boolean;
  let wake: () => void;
  /** Who follows a log at the builder. */
  let followers: number;
  let areLogsKept: boolean;
  let running: ReturnType<BuilderWebSource['builds']>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proxy-'));
    [isWriting, areLogsKept, running, wake] = [false, false, [], () => undefined];
    followers = 0;
    builder = await startBuilderWeb({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      source: {
        ...{ host: 'b1.example.org', logFolder: folder, isReady: () => true },
        builds: () => running,
        uploads: () => [],
        writerOf: () => ({
          isWriting: () => isWriting,
          onChange: (listener) => {
            wake = listener;
            followers++;
            return () => {
              followers--;
            };
          },
        }),
      },
    });
    targets = [{ hostname: 'b1', url: `http://127.0.0.1:${builder.port}` }];
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      adminToken: { file: () => undefined, fromEnvironment: TOKEN },
      source: quietSource({
        builders: {
          targets: () => targets,
          buildsOf: (image) =>
            image === 'lost'
              ? [{ build: BUILD, record: buildSchema.parse({ state: 'ready', builder: 'b9' }) }]
              : [],
          areLogsKept: () => areLogsKept,
        },
      }),
    });
    base = `http://127.0.0.1:${web.port}`;
  });
  afterEach(async () => {
    await web.close();
    await builder.close();
    await rm(folder, { recursive: true });
  });

  const path = (build = BUILD): string => join(folder, `debian-${build}.log`);

  it('are passed on whole, in part, and the newest where no build is named', async () => {
    await writeFile(path(), 'one\ntwo\nthree\n');
    const answer = await fetch(`${base}/build-log/debian/${BUILD}`);
    assert.equal(await answer.text(), 'one\ntwo\nthree\n');
    assert.equal(answer.headers.get('x-nodepool-build'), BUILD);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=UTF-8');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/);
    const text = async (query: string): Promise<string> =>
      (await fetch(`${base}/build-log/debian?${query}`)).text();
    assert.equal(await text('offset=4'), 'two\nthree\n');
    assert.equal(await text('tail=1&other=x'), 'three\n');
  });

  it('are followed until the build ends', async () => {
    isWriting = true;
    await writeFile(path(), 'begun\n');
    const reader = await HttpReader.open(`${base}/build-log/debian/${BUILD}?follow=1`);
    await reader.untilText('begun');
    await appendFile(path(), 'more\n');
    await reader.untilText('more');
    isWriting = false;
    wake();
    assert.equal(await reader.untilEnd(), 'begun\nmore\n');
    assert.equal(reader.end, 'whole');
  });

  it('end at the builder when their reader leaves, and when the server ends', async () => {
    isWriting = true;
    await writeFile(path(), 'begun\n');
    const url = `${base}/build-log/debian/${BUILD}?follow=1`;
    for (let i = 0; i < 66; i++) {
      const reader = await HttpReader.open(url);
      // More than the 64 places of the builder one after another.
      assert.equal(reader.status, 200, String(i));
      await reader.untilText('begun');
      reader.leave();
      await eventually(() => followers === 0);
    }
    const last = await HttpReader.open(url);
    await last.untilText('begun');
    await web.close();
    await last.untilEnd();
    await eventually(() => followers === 0);
  });

  it('are read by so many at once', async () => {
    isWriting = true;
    await writeFile(path(), 'begun\n');
    const url = `${base}/build-log/debian/${BUILD}?follow=1`;
    const readers = await Promise.all(Array.from({ length: 20 }, () => HttpReader.open(url)));
    assert.ok(readers.every(({ status }) => status === 200));
    const refused = await fetch(url);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
    for (const reader of readers) reader.leave();
    await eventually(async () => {
      const again = await HttpReader.open(url);
      again.leave();
      assert.equal(again.status, 200);
    });
  });

  it('that are not there, or cannot be had, are answered so', async () => {
    const status = async (rest: string): Promise<[number, string]> => {
      const answer = await fetch(`${base}/build-log/${rest}`);
      return [answer.status, await answer.text()];
    };
    const cases: [string, number, RegExp][] = [
      ['debian', 404, /image debian has no log/],
      [`debian/${OTHER}`, 404, /no builder has the log/],
      ['debian/latest', 404, /Not Found/],
      [`..%2f..%2fetc/${BUILD}`, 404, /Not Found/],
      [`${'x'.repeat(250)}/${BUILD}`, 404, /Not Found/],
      [`debian/${BUILD}/x`, 404, /Not Found/],
    ];
    for (const [rest, expected, says] of cases) {
      const [code, text] = await status(rest);
      assert.equal(code, expected, rest);
      assert.match(text, says);
    }
    await writeFile(path(), 'x');
    assert.equal((await status(`debian/${BUILD}?tail=x`))[0], 400);
    assert.equal((await status(`debian/${BUILD}?tail=1&offset=1`))[0], 400);
    targets = [{ hostname: 'b9', url: 'http://127.0.0.1:9' }];
    const [code, text] = await status(`lost/${BUILD}`);
    assert.equal(code, 502);
    assert.match(text, /builder at http:\/\/127\.0\.0\.1:9/);
    targets = [];
    assert.match((await status(`lost/${BUILD}`))[1], /no builder is online/);
    const posted = await fetch(`${base}/build-log/debian`, { method: 'POST' });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET']);
  });

  it('are torn where the builder goes in the middle', async () => {
    const half = await serve((answer) => {
      answer.writeHead(200).write('begun\n');
      setImmediate(() => answer.destroy());
    });
    const reader = await HttpReader.open(`${base}/build-log/debian/${BUILD}`);
    await reader.untilEnd();
    assert.equal(reader.end, 'torn');
    await close(half);
  });

  it('are not passed on from what is no builder', async () => {
    const strange = await serve((answer) => {
      answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('<html>');
    });
    const answer = await fetch(`${base}/build-log/debian/${BUILD}`);
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /the builder answers 302/);
    await close(strange);
  });

  it('are for who has the token where builders keep them to their machines', async () => {
    await writeFile(path(), 'secret\n');
    areLogsKept = true;
    const url = `${base}/build-log/debian/${BUILD}`;
    assert.equal((await fetch(url)).status, 401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    assert.equal(await (await fetch(url, { headers })).text(), 'secret\n');
  });

  it('stand beside news of what builders do, also of those that cannot be asked', async () => {
    running = [{ image: 'debian', build: BUILD, formats: ['raw'], sinceMs: 5000 }];
    await writeFile(path(), 'x');
    targets = [...targets, { hostname: 'python', url: 'http://127.0.0.1:9' }];
    const http = await HttpReader.open(`${base}/events`, { isIdle: true });
    const page = new ThingsPage();
    http.onPiece((piece) => {
      page.read(piece);
    });
    await eventually(() => page.last.has('builders'));
    const { builders } = builderNewsSchema.parse(page.last.get('builders'));
    assert.deepEqual(
      builders.map(({ host, reachable, problem }) => [host, reachable, problem === null]),
      [
        ['b1', true, true],
        ['python', false, false],
      ],
    );
    assert.deepEqual(builders[0]?.builds, [
      {
        ...{ image: 'debian', build: BUILD, formats: ['raw'], since: 5, step: null },
        log_bytes: 1,
      },
    ]);
    http.leave();
  });

  /** Answers as a builder that has the log, and then something else for the log itself. */
  async function serve(
    answerLog: (answer: Parameters<Parameters<typeof createServer>[1] & object>[1]) => void,
  ): Promise<Server> {
    const server = createServer((request, answer) => {
      if (request.url?.startsWith('/build-logs/') === true)
        answer.end(
          JSON.stringify({ builder: 'b', logs: [{ build: BUILD, bytes: 1, changed: 1 }] }),
        );
      else answerLog(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    targets = [{ hostname: 'b', url: `http://127.0.0.1:${port}` }];
    return server;
  }
});

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
