/** Asking web servers of all kinds: ours, others', broken and silent ones. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { systemClock } from '../../../shared/base/clock.ts';
import { askLaunchers, type LauncherAnswer } from '../../../shared/cli/explain/ask.ts';

const REQUEST = '200-0000000001';
const explanation = {
  ...{ launcher: 'host-a', is_current: true, is_busy: false, request: REQUEST },
  ...{ state: 'requested', serving: null, pools: [], absent: [] },
};

describe('asking launchers', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function ask(...urls: string[]): Promise<LauncherAnswer[]> {
    return askLaunchers(
      urls.map((url) => ({ hostname: undefined, url })),
      REQUEST,
      { clock: systemClock, signal: new AbortController().signal },
    );
  }

  const answering = (status: number, body: string): Promise<string> =>
    serve((_, response) => response.writeHead(status).end(body));

  it('takes an explanation, below a path, too, and ignores what is new in it', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      response.end(JSON.stringify({ ...explanation, news: 1 }));
    });
    const [one, two] = await ask(url, `${url}/behind/proxy`);
    assert.deepEqual(one?.explanation, explanation);
    assert.equal(two?.status, 'answered');
    assert.deepEqual(paths.toSorted(), [`/behind/proxy/explain/${REQUEST}`, `/explain/${REQUEST}`]);
  });

  it('tells one that does not know the request from one that has no such page', async () => {
    const [ours, theirs] = await ask(await answering(404, 'null'), await answering(404, '404'));
    assert.deepEqual([ours?.status, ours?.explanation], ['answered', undefined]);
    assert.deepEqual(
      [theirs?.status, theirs?.problem],
      ['cannot-be-asked', 'it answers 404, as Python’s launchers do'],
    );
  });

  for (const [what, body] of [
    ['no JSON', '<html>'],
    ['other JSON', '[1]'],
    ['half an explanation', JSON.stringify({ ...explanation, pools: undefined })],
  ] as const)
    it(`does not take ${what} for an explanation`, async () => {
      const [answer] = await ask(await answering(200, body));
      assert.equal(answer?.status, 'cannot-be-asked');
      assert.equal(answer.problem, 'what it answers is no explanation');
    });

  it('names why one cannot be reached, and has the answers of the others', async () => {
    const silent = await serve(() => undefined);
    const endless = await serve((_, response) => {
      response.write('x'.repeat(5 * 1024 * 1024));
    });
    const closed = await answering(200, '');
    servers.at(-1)?.close();
    const good = await answering(200, JSON.stringify(explanation));
    const moved = await serve((_, response) => response.writeHead(302, { location: good }).end());
    const answers = await ask(silent, endless, closed, moved, good);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['unreachable', 'unreachable', 'unreachable', 'unreachable', 'answered'],
    );
    const [first, second, third] = answers;
    assert.equal(first?.problem, 'no answer within 1 s');
    assert.equal(second?.problem, 'its answer is too long');
    assert.match(third?.problem ?? '', /ECONNREFUSED/);
  });

  it('ends when the user interrupts', async () => {
    const url = await serve(() => undefined);
    const signal = AbortSignal.abort(new Error('interrupted'));
    await assert.rejects(
      askLaunchers([{ hostname: undefined, url }], REQUEST, { clock: systemClock, signal }),
      { code: 'NP_ABORTED' },
    );
  });
});
