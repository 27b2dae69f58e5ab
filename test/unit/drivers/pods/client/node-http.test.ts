import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

import { makeCertificates } from '../../../../../fixtures/certificates/make.ts';
import { settle } from '../../../../../fixtures/clock.ts';
import { networkFailure } from '../../../../../shared/cloud/network-failure.ts';
import {
  openNodeHttp,
  type NodeHttp,
} from '../../../../../shared/drivers/pods/client/node-http.ts';
import type {
  KubeRequest,
  KubeResponse,
  TlsSettings,
} from '../../../../../shared/drivers/pods/client/transport.ts';
import { never, PLAIN_TLS } from './scripted-api.ts';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function readAll(response: KubeResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

describe("Node's way to a cluster", function () {
  this.timeout(20_000);
  let folder = '';
  let pem = { ca: '', cert: '', key: '' };
  let server: Server;
  let proxy: Server;
  let port = 0;
  let proxyPort = 0;
  let http: NodeHttp;
  const sockets = new Set<Socket>();
  const tunnels: string[] = [];

  /** Says who asked for what; a watch sends one piece and goes on. */
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    sockets.add(request.socket);
    if (request.url?.startsWith('/moved') === true) {
      response.writeHead(307, { location: '/elsewhere' }).end();
      return;
    }
    if (request.url?.includes('watch') === true) {
      response.writeHead(200).write('first\n');
      return;
    }
    const socket = request.socket as Partial<TLSSocket>;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const client = (socket.getPeerCertificate?.() as { subject?: { CN?: string } } | undefined)
        ?.subject?.CN;
      const { method, url, headers } = request;
      const body = Buffer.concat(parts).toString('utf8');
      const { servername } = socket as { servername?: string | false };
      response.setHeader('retry-after', '3');
      response.end(JSON.stringify({ method, url, headers, body, client, servername }));
    });
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'np-node-http-'));
    const made = await makeCertificates(folder);
    pem = {
      ca: await readFile(made.ca, 'utf8'),
      cert: await readFile(made.client.cert, 'utf8'),
      key: await readFile(made.client.key, 'utf8'),
    };
    server = createHttpsServer(
      {
        cert: await readFile(made.server.cert),
        key: await readFile(made.server.key),
        ca: pem.ca,
        requestCert: true,
        rejectUnauthorized: false,
      },
      answer,
    );
    port = await listen(server);
    proxy = createHttpServer();
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      tunnels.push(request.url ?? '');
      const beyond = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        beyond.pipe(socket).pipe(beyond);
      });
      for (const one of [socket, beyond]) one.on('error', () => undefined);
    });
    proxyPort = await listen(proxy);
  });

  after(async () => {
    for (const one of [server, proxy]) {
      one.closeAllConnections();
      await new Promise((resolve) => one.close(resolve));
    }
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    http = openNodeHttp();
    sockets.clear();
    tunnels.length = 0;
  });
  afterEach(() => http.close());

  const request = (
    path: string,
    tls: Partial<TlsSettings>,
    more: Partial<KubeRequest> = {},
  ): KubeRequest => ({
    method: 'GET',
    url: new URL(`https://127.0.0.1:${port}${path}`),
    headers: { accept: 'application/json', authorization: 'Bearer s3cret' },
    body: undefined,
    tls: { ...PLAIN_TLS, ...tls },
    signal: never(),
    ...more,
  });

  interface Seen {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly client?: string;
    readonly servername?: string | false;
  }

  const ask = async (one: KubeRequest): Promise<Seen> => {
    const response = await http.transport(one);
    assert.equal(response.status, 200);
    assert.equal(response.headers['retry-after'], '3');
    return JSON.parse(await readAll(response)) as Seen;
  };

  const failureOf = async (one: KubeRequest): Promise<string | undefined> => {
    try {
      await http.transport(one);
    } catch (error) {
      return networkFailure(error)?.problem ?? 'other';
    }
    throw new assert.AssertionError({ message: 'there is an answer' });
  };

  it('trusts the authority that the kubeconfig names', async () => {
    const seen = await ask(request('/a?b=c', { ca: pem.ca }, { method: 'POST', body: '{"é": 1}' }));
    assert.equal(seen.method, 'POST');
    assert.equal(seen.url, '/a?b=c');
    assert.equal(seen.headers.authorization, 'Bearer s3cret');
    assert.equal(seen.body, '{"é": 1}');
    assert.equal(seen.client, undefined);
  });

  it('shows our certificate', async () => {
    const { client } = await ask(request('/', pem));
    assert.equal(client, 'test client');
  });

  it('trusts nobody else, but where it is told to', async () => {
    assert.equal(await failureOf(request('/', {})), 'not-trusted');
    await ask(request('/', { skipVerify: true }));
  });

  it('asks for the name that the kubeconfig says', async () => {
    const { servername } = await ask(request('/', { ca: pem.ca, serverName: 'localhost' }));
    assert.equal(servername, 'localhost');
    assert.equal(
      await failureOf(request('/', { ca: pem.ca, serverName: 'other.example' })),
      'other-name',
    );
  });

  it('keeps the connection for the next call, and takes another with new certificates', async () => {
    await ask(request('/1', { ca: pem.ca }));
    await settle();
    await ask(request('/2', { ca: pem.ca }));
    assert.equal(sockets.size, 1);
    assert.equal((await ask(request('/3', pem))).client, 'test client');
    assert.equal(sockets.size, 2);
  });

  it('goes through a proxy', async () => {
    const proxyUrl = `http://127.0.0.1:${proxyPort}`;
    const { client } = await ask(request('/', { ...pem, proxyUrl }));
    assert.equal(client, 'test client');
    assert.deepEqual(tunnels, [`127.0.0.1:${port}`]);
  });

  it('follows nobody elsewhere', async () => {
    const response = await http.transport(request('/moved', { ca: pem.ca }));
    assert.equal(response.status, 307);
    await readAll(response);
  });

  it('gives the pieces of a watch as they come, until the signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { body } = await http.transport(request('/pods?watch=true', pem, { signal }));
    const pieces = body[Symbol.asyncIterator]();
    const first = await pieces.next();
    assert.equal(Buffer.from(first.value as Uint8Array).toString(), 'first\n');
    const closed = new Promise((resolve) => [...sockets][0]?.once('close', resolve));
    controller.abort(new Error('enough'));
    await assert.rejects(pieces.next());
    await closed;
  });

  it('has room for calls, however many watches there are', async () => {
    const plain = createHttpServer(answer);
    const url = (path: string): URL => new URL(`http://127.0.0.1:${plainPort}${path}`);
    const plainPort = await listen(plain);
    const watch = (): Promise<KubeResponse> =>
      http.transport(request('/', {}, { url: url('/pods?watch=true') }));
    await Promise.all(Array.from({ length: 70 }, watch));
    await ask(request('/', {}, { url: url('/pods') }));
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
  });

  it('ends all that is open', async () => {
    const { body } = await http.transport(request('/pods?watch=true', pem));
    const pieces = body[Symbol.asyncIterator]();
    await pieces.next();
    const next = assert.rejects(pieces.next());
    await http.close();
    await next;
  });

  it('says why there is no answer', async () => {
    const url = new URL(`http://127.0.0.1:${port}/`);
    await assert.rejects(http.transport(request('/', {}, { url })));
    const closed = createHttpServer();
    const free = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(
      http.transport(request('/', {}, { url: new URL(`http://127.0.0.1:${free}/`) })),
      (error) => networkFailure(error)?.root.code === 'ECONNREFUSED',
    );
  });
});
