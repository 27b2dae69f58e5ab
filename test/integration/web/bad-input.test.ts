/** What clients do that mean no good, or cannot help it, over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { Things } from '../../support/event-things.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';
import { quietSource } from '../../support/web-source.ts';

const TOKEN = 'a-token-of-32-characters-or-more';
const LONG = 100 * 1024 ** 2;
const PIECE = Buffer.alloc(64 * 1024, 'x');
/** Each takes another way through the server. */
const PATHS = [
  '/api/nodes/1/hold',
  '/api/check',
  '/events',
  '/node-list',
  '/',
  '/build-log/x',
  '/no',
];

describe('the web server, under bad clients,', () => {
  let web: WebServer;
  let things: Things;
  const open: { destroy(): unknown }[] = [];

  beforeEach(async () => {
    things = new Things();
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger },
      ...{ source: quietSource({ topics: [things] }), requestTimeoutMs: 400 },
      adminToken: { file: () => undefined, fromEnvironment: TOKEN },
    });
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy();
    await web.close();
  });

  async function isAlive(): Promise<void> {
    assert.equal((await fetch(`http://127.0.0.1:${web.port}/live`)).status, 200);
  }

  async function socket(): Promise<Socket> {
    const made = connect(web.port, '127.0.0.1');
    open.push(made);
    made.on('error', () => undefined);
    await once(made, 'connect');
    return made;
  }

  /** Sends as much of a body as is taken; answers the status and how much that was. */
  async function post(path: string, length?: number): Promise<{ status: number; sent: number }> {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      ...(length === undefined ? {} : { 'content-length': String(length) }),
    };
    const options = { port: web.port, host: '127.0.0.1', path, method: 'POST', headers };
    const asked = request({ ...options, agent: false });
    open.push(asked);
    let isOver = false;
    const answered = new Promise<number>((resolve, reject) => {
      asked.once('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.once('error', reject);
    });
    answered.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    asked.on('error', () => (isOver = true));
    let sent = 0;
    while (!(isOver as boolean) && sent < LONG) {
      sent += PIECE.length;
      if (!asked.write(PIECE))
        await Promise.race([once(asked, 'drain').catch(() => undefined), answered.catch(() => 0)]);
    }
    return { status: await answered, sent };
  }

  it('reads no body of 100 MB, announced or not, and keeps nothing of it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const path of PATHS) {
      for (const length of [LONG, undefined]) {
        const { status, sent } = await post(path, length);
        assert.equal(status, 413, `${path} ${length ?? 'in chunks'}`);
        assert.ok(sent < LONG / 5, `${path}: ${sent} bytes were taken`);
      }
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 20 * 1024 ** 2);
    await isAlive();
  });

  it('does not wait for those that send a letter now and then', async () => {
    const heads = [
      'GET /node-list HTTP/1.1\r\nHost: x\r\nX-Slow: ',
      'POST /api/check HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n',
      'POST /node-list HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n',
      '',
    ];
    const slow = await Promise.all(
      heads.map(async (head) => {
        const made = await socket();
        made.write(head);
        const timer = setInterval(() => made.write('x'), 50);
        made.once('close', () => {
          clearInterval(timer);
        });
        return made;
      }),
    );
    await isAlive();
    for (const one of slow) await eventually(() => one.destroyed);
    await isAlive();
  });

  it('serves 250 readers of events and all else beside them, and no more', async () => {
    for (let i = 0; i < 300; i++) things.put(String(i), i);
    const url = `http://127.0.0.1:${web.port}/events`;
    const readers = await Promise.all(Array.from({ length: 260 }, () => HttpReader.open(url)));
    open.push(
      ...readers.map((one) => ({
        destroy: () => {
          one.leave();
        },
      })),
    );
    const served = readers.filter(({ status }) => status === 200);
    const refused = readers.filter(({ status }) => status === 503);
    assert.deepEqual([served.length, refused.length], [250, 10]);
    for (const one of served) await one.untilText('event: synced');
    // As silent as they are, they are no slow clients: one of those comes and goes.
    const slow = await socket();
    slow.write('GET /node-list HTTP/1.1\r\n');
    await eventually(() => slow.destroyed);
    assert.ok(served.every(({ end }) => end === undefined));
    await isAlive();
  });

  it('outlives paths, methods and headers of every kind', async () => {
    const lines = [
      'GET /events/../../etc/passwd HTTP/1.1',
      'GET /dashboard/%2e%2e%2f%2e%2e%2fserver.ts HTTP/1.1',
      'GET /build-log/%00/x HTTP/1.1',
      'POST /api/nodes/%ff/hold HTTP/1.1',
      'POST /api/images/..%2f../build HTTP/1.1',
      `GET /${'x'.repeat(20_000)} HTTP/1.1`,
      `POST /api/nodes/${'9'.repeat(5000)}/delete HTTP/1.1`,
      'BREW /events HTTP/1.1',
      'GET /events HTTP/9.9',
      'CONNECT /api/check HTTP/1.1',
      '\u0000\u0001\u0002',
    ];
    for (const line of lines) {
      const made = await socket();
      made.end(`${line}\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`);
      let answer = '';
      made.on('data', (piece: Buffer) => (answer += piece.toString()));
      if (!made.closed) await once(made, 'close');
      assert.match(answer, /^HTTP\/1\.1 4\d\d |^$/, line.slice(0, 60));
    }
    await isAlive();
  });
});
