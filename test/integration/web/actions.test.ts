/** Actions over HTTP: who may, what is answered, what is logged. */
import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { NodepoolError, ZooKeeperError } from '../../../shared/base/errors.ts';
import type { ActionResult, Actions } from '../../../shared/web/admin/actions.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { startWeb } from '../../../shared/web/server.ts';
import { eventually } from '../../support/eventually.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';
import { quietSource } from '../../support/web-source.ts';

const TOKEN = 'a-token-of-32-characters-or-more';

describe('actions of operators over HTTP', () => {
  let web: WebServer;
  let lines: string[];
  let clock: ManualClock;
  let token: string | undefined;
  let done: string[];
  /** What the next action does instead. */
  let next: ((signal: AbortSignal) => Promise<ActionResult>) | undefined;

  const act =
    (action: string) =>
    (name: string, ...rest: unknown[]): Promise<ActionResult> => {
      const signal = rest.at(-1) as AbortSignal;
      done.push([action, name, ...rest.slice(0, -1)].join(' '));
      return next?.(signal) ?? Promise.resolve({ status: 200, message: `${action} ${name}` });
    };
  const actions: Actions = {
    ...{ holdNode: act('hold'), deleteNode: act('delete') },
    ...{ pauseImage: act('pause'), unpauseImage: act('unpause'), buildImage: act('build') },
  };

  beforeEach(async () => {
    [lines, done, token, next] = [[], [], TOKEN, undefined];
    clock = new ManualClock();
    web = await startWeb({
      ...{ address: '127.0.0.1', port: 0, clock, log: collectingLogger(lines) },
      source: quietSource({ actions }),
      adminToken: { file: () => undefined, fromEnvironment: token },
    });
  });
  afterEach(() => web.close());

  function post(path: string, init: RequestInit = {}, sent: string | null = TOKEN) {
    const headers = new Headers(init.headers);
    if (sent !== null) headers.set('authorization', `Bearer ${sent}`);
    return fetch(`http://127.0.0.1:${web.port}${path}`, { method: 'POST', ...init, headers });
  }

  it('are done for who has the token, and logged', async () => {
    assert.equal((await post('/api/check')).status, 204);
    const body = JSON.stringify({ comment: 'for Ada' });
    const held = await post('/api/nodes/0000000042/hold', { body });
    assert.deepEqual([held.status, await held.json()], [200, { message: 'hold 0000000042' }]);
    assert.equal(held.headers.get('access-control-allow-origin'), null);
    assert.equal(held.headers.get('cache-control'), 'no-store');
    for (const path of [
      'nodes/7/delete',
      'images/a%20b/pause',
      'images/b/unpause',
      'images/c/build',
    ])
      assert.equal((await post(`/api/${path}`)).status, 200, path);
    assert.deepEqual(done, [
      ...['hold 0000000042 for Ada', 'delete 7', 'pause a b', 'unpause b', 'build c'],
    ]);
    const said = lines.filter((line) => line.startsWith('INFO an operator acts'));
    assert.equal(said.length, 5);
    assert.match(said[0] ?? '', /"action":"hold","on":"0000000042".*"comment":"for Ada"/);
    assert.doesNotMatch(lines.join('\n'), new RegExp(TOKEN));
  });

  it('are refused without the token and with a wrong one, and logged', async () => {
    for (const sent of [null, 'wrong-and-secret', `${TOKEN} x`, '']) {
      for (const path of ['/api/check', '/api/nodes/1/delete']) {
        const answer = await post(path, {}, sent);
        assert.equal(answer.status, 401);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      }
    }
    const basic = { headers: { authorization: `Basic ${btoa(`x:${TOKEN}`)}` } };
    assert.equal((await post('/api/check', basic, null)).status, 401);
    assert.deepEqual(done, []);
    assert.equal(
      lines.filter((line) => line.startsWith('WARNING an action was refused')).length,
      9,
    );
    assert.doesNotMatch(lines.join('\n'), /wrong-and-secret/);
  });

  it('have to wait after many wrong tokens, even with the right one', async () => {
    for (let i = 0; i < 10; i++)
      assert.equal((await post('/api/check', {}, `no-${i}`)).status, 401);
    const answer = await post('/api/check');
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '60']);
    await clock.advance(60_000);
    assert.equal((await post('/api/check')).status, 204);
  });

  it('are for nobody where no token is configured', async () => {
    await web.close();
    const source = quietSource({ actions });
    const options = { address: '127.0.0.1', port: 0, clock, log: collectingLogger(lines) };
    web = await startWeb({ ...options, source });
    for (const sent of [null, TOKEN]) {
      assert.equal((await post('/api/check', {}, sent)).status, 403);
      assert.equal((await post('/api/images/a/build', {}, sent)).status, 403);
    }
    assert.deepEqual(done, []);
  });

  it('are not done where the body is no wish of ours', async () => {
    const bodies = [
      '{',
      '[]',
      '"x"',
      '{"comment": 5}',
      '{"other": 1}',
      `{"comment": "${'x'.repeat(1001)}"}`,
    ];
    for (const body of bodies) {
      const answer = await post('/api/nodes/1/hold', { body });
      assert.equal(answer.status, 400, body.slice(0, 30));
    }
    assert.equal((await post('/api/nodes/1/delete', { body: '{"comment": "x"}' })).status, 400);
    assert.equal((await post('/api/nodes/1/hold', { body: 'x'.repeat(70_000) })).status, 413);
    assert.deepEqual(done, []);
  });

  it('say what is not there, what cannot be, and what may be tried again', async () => {
    const cases: [() => Promise<ActionResult>, number, RegExp][] = [
      [() => Promise.resolve({ status: 404, message: 'no node' }), 404, /no node/],
      [() => Promise.resolve({ status: 409, message: 'locked' }), 409, /locked/],
      [() => Promise.reject(new NodepoolError('NP_RECORD_CORRUPT', 'no record')), 409, /no record/],
      [
        () => {
          const labels = ['retryable'] as const;
          return Promise.reject(new ZooKeeperError('ZK_CONNECTION_LOSS', 'lost', { labels }));
        },
        ...([503, /lost/] as const),
      ],
      [() => Promise.reject(new Error('hunter2')), 500, /log of the launcher/],
    ];
    for (const [work, status, message] of cases) {
      next = work;
      const answer = await post('/api/nodes/1/hold');
      const text = await answer.text();
      assert.equal(answer.status, status);
      assert.match(text, message);
      assert.doesNotMatch(text, /hunter2/);
    }
  });

  it('do not wait for ZooKeeper for ever', async () => {
    next = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const answer = post('/api/nodes/1/delete');
    await eventually(() => done.length === 1);
    await clock.advance(8000);
    assert.equal((await answer).status, 503);
    assert.match(await (await answer).text(), /may yet be done/);
  });

  it('are asked by POST, and by no other page', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await post('/api/nodes/1/hold', { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], method);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
    for (const path of ['/api', '/api/nodes/1', '/api/nodes/1/explode', '/api/nodes/1/hold/x'])
      assert.equal((await post(path)).status, 404, path);
    assert.deepEqual(done, []);
  });
});
