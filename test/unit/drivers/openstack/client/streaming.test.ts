import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';

import { portOf } from '../../../../../fixtures/processes/ports.ts';
import { openConnections, type Connections } from '../../../../../shared/cloud/http-connections.ts';
import type { FetchResponse } from '../../../../../shared/cloud/http-transport.ts';
import { eventually } from '../../../../support/eventually.ts';
import { cloudConfig } from '../cloud-config.ts';

const MIB = 1 << 20;
const PIECES = 64;

describe('a request with a stream', () => {
  let server: Server;
  let connections: Connections;
  let serve: RequestListener;
  beforeEach(async () => {
    server = createServer((incoming, answer) => {
      serve(incoming, answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    connections = openConnections(cloudConfig().tls, {});
  });
  afterEach(async () => {
    await connections.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A body that says how much of it was taken, and when nobody wants more. */
  class Body {
    taken = 0;
    isEnded = false;

    async *read(): AsyncGenerator<Uint8Array> {
      try {
        for (; this.taken < PIECES; this.taken++)
          yield await Promise.resolve(Buffer.alloc(MIB, this.taken));
      } finally {
        this.isEnded = true;
      }
    }
  }

  const send = (body: Body, signal = new AbortController().signal): Promise<FetchResponse> =>
    connections.fetch(`http://127.0.0.1:${portOf(server)}/`, {
      method: 'PUT',
      headers: { 'content-length': String(PIECES * MIB), 'x-auth-token': 'hush' },
      ...{ body: body.read(), duplex: 'half', redirect: 'manual', signal },
    });

  it('arrives with its headers, and its answer is complete', async () => {
    let length = 0;
    serve = (incoming, answer) => {
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      incoming.on('end', () => {
        answer.writeHead(300, { 'x-one': ['a', 'b'] });
        answer.end(JSON.stringify(incoming.headers));
      });
    };
    const body = new Body();
    const answer = await send(body);
    const headers = JSON.parse(await textOf(answer)) as Record<string, string>;
    assert.deepEqual([answer.status, answer.headers.get('x-one')], [300, 'a, b']);
    assert.equal(headers['content-length'], String(PIECES * MIB));
    assert.equal(headers['transfer-encoding'], undefined);
    assert.equal(headers['x-auth-token'], 'hush');
    assert.equal(length, PIECES * MIB);
    assert.ok(body.isEnded);
  });

  it('is read no faster than it is sent, and no more once it is aborted', async () => {
    let isStalled = false;
    serve = (incoming) => {
      incoming.once('data', () => {
        incoming.pause();
        isStalled = true;
      });
    };
    const ending = new AbortController();
    const body = new Body();
    const sending = assert.rejects(send(body, ending.signal));
    await eventually(() => isStalled);
    ending.abort();
    await sending;
    await eventually(() => body.isEnded);
    assert.ok(body.taken < PIECES, `read: ${body.taken} MiB`);
  });

  it('is read no more once the server has refused it, and the refusal is complete', async () => {
    const words = 'x'.repeat(MIB);
    serve = (incoming, answer) => {
      incoming.once('data', () => {
        answer.writeHead(401).end(words);
      });
    };
    const body = new Body();
    const answer = await send(body);
    assert.deepEqual([answer.status, await textOf(answer)], [401, words]);
    await eventually(() => body.isEnded);
    assert.ok(body.taken < PIECES, `read: ${body.taken} MiB`);
  });
});

async function textOf({ body }: FetchResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
