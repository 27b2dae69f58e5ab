import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

import { makeCertificates, type Certificates } from '../../../../../fixtures/certificates/make.ts';
import { systemClock } from '../../../../../shared/base/clock.ts';
import { hasLabel, type CloudError } from '../../../../../shared/base/errors.ts';
import type { TlsOptions } from '../../../../../shared/cloud/http-connections.ts';
import { noAnswerError } from '../../../../../shared/drivers/openstack/client/connection-errors.ts';
import { openConnections } from '../../../../../shared/cloud/http-connections.ts';
import type { Environment } from '../../../../../shared/cloud/proxy.ts';
import { Transport } from '../../../../../shared/cloud/http-transport.ts';
import { never } from './scripted-cloud.ts';

const plain: TlsOptions = {
  verify: true,
  caFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};

describe('connections', () => {
  let folder: string;
  let certificates: Certificates;
  let cleanUp: (() => Promise<void>)[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-connections-'));
    certificates = await makeCertificates(join(folder, 'certificates'));
  });

  after(() => rm(folder, { recursive: true }));

  afterEach(async () => {
    for (const one of cleanUp.toReversed()) await one();
    cleanUp = [];
  });

  async function listening(server: HttpServer): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  /** Answers who the client is by its certificate, and notes its connections. */
  async function tlsServer(options: { readonly wantsCertificate?: boolean } = {}) {
    const { ca, server } = certificates;
    const sockets = new Set<unknown>();
    const listener = (request: IncomingMessage, response: Parameters<RequestListener>[1]): void => {
      sockets.add(request.socket);
      const { socket } = request;
      assert.ok(socket instanceof TLSSocket);
      const { subject } = socket.getPeerCertificate();
      const name: unknown = (subject as { CN?: string } | undefined)?.CN;
      response.end(JSON.stringify(name ?? 'nobody'));
    };
    const made = createTlsServer(
      {
        ...{ ca: await readFile(ca), cert: await readFile(server.cert) },
        key: await readFile(server.key),
        requestCert: options.wantsCertificate ?? false,
      },
      listener,
    );
    return { url: `https://localhost:${await listening(made)}/`, sockets };
  }

  function client(tls: TlsOptions, environment: Environment = {}) {
    const connections = openConnections(tls, environment);
    cleanUp.push(() => connections.close());
    const transport = new Transport({
      fetch: connections.fetch,
      userAgent: 'test/1',
      clock: systemClock,
      noAnswer: noAnswerError,
    });
    const send = (url: string, method = 'GET') =>
      transport.send({ method, url, subject: 'compute servers' }, never());
    const failure = (url: string): Promise<CloudError> =>
      send(url, 'POST').then(
        () => assert.fail('there should be no answer'),
        (error: unknown) => error as CloudError,
      );
    return { send, failure, transport };
  }

  it('trust the authority that the configuration names, and stay open', async () => {
    const server = await tlsServer();
    const { send } = client({ ...plain, caFile: certificates.ca });
    for (let count = 0; count < 9; count++) assert.equal((await send(server.url)).body, 'nobody');
    // A call that begins while the one before ends may open a second.
    assert.ok(server.sockets.size <= 2, `${server.sockets.size} connections`);
  });

  it('trust no other, and say what to do', async () => {
    const { url } = await tlsServer();
    const error = await client(plain).failure(url);
    assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
    assert.match(error.hint ?? '', /cacert in clouds\.yaml/);
    assert.ok(!hasLabel(error, 'ambiguous'), 'nothing was sent');
  });

  it('trust everybody where the configuration says so', async () => {
    const { url } = await tlsServer();
    assert.equal((await client({ ...plain, verify: false }).send(url)).body, 'nobody');
  });

  it('show a certificate of their own, from one file or two', async () => {
    const { url } = await tlsServer({ wantsCertificate: true });
    const { cert, key, both } = certificates.client;
    const caFile = certificates.ca;
    const two = client({ ...plain, caFile, certFile: cert, keyFile: key });
    assert.equal((await two.send(url)).body, 'test client');
    const one = client({ ...plain, caFile, certFile: both });
    assert.equal((await one.send(url)).body, 'test client');
    await assert.rejects(client({ ...plain, caFile }).send(url));
  });

  it('read the files again when they change', async () => {
    const { url } = await tlsServer();
    const caFile = join(folder, 'rotated.pem');
    const other = await makeCertificates(join(folder, 'other'));
    await copyFile(other.ca, caFile);
    const { send, failure } = client({ ...plain, caFile });
    assert.match((await failure(url)).hint ?? '', /cacert/);
    await copyFile(certificates.ca, caFile);
    // Two writes within one tick of the file system's clock would look the same.
    await utimes(caFile, 1, 1);
    assert.equal((await send(url)).body, 'nobody');
  });

  it('name the file that cannot be read, without a connection', async () => {
    const { url, sockets } = await tlsServer();
    const caFile = join(folder, 'missing.pem');
    const error = await client({ ...plain, caFile }).failure(url);
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.ok(error.message.includes(`cacert: ${caFile}: ENOENT`), error.message);
    assert.equal(sockets.size, 0);
  });

  it('name the file that holds no certificate', async () => {
    const { url } = await tlsServer();
    const certFile = join(folder, 'empty.pem');
    await writeFile(certFile, 'nothing');
    const error = await client({ ...plain, certFile }).failure(url);
    assert.equal(error.code, 'NP_CLOUD_FATAL');
    assert.match(error.hint ?? '', /cacert, cert and key/);
  });

  it('tell what surely was not sent: nobody listens, no such name, no TLS there', async () => {
    const idle = createServer();
    const port = await listening(idle);
    const { failure } = client(plain);
    const noTls = await failure(`https://localhost:${port}/`);
    assert.ok(!hasLabel(noTls, 'ambiguous'), noTls.message);
    await new Promise((resolve) => idle.close(resolve));
    for (const url of [`http://127.0.0.1:${port}/`, 'http://cloud.invalid/']) {
      const error = await failure(url);
      assert.ok(hasLabel(error, 'retryable'));
      assert.ok(!hasLabel(error, 'ambiguous'), error.message);
    }
    assert.equal((await failure('http://127.0.0.1:6000/')).code, 'NP_CLOUD_FATAL');
  });

  it('cannot tell whether a lost call took effect', async () => {
    const port = await listening(
      createServer((request) => {
        request.socket.destroy();
      }),
    );
    assert.ok(hasLabel(await client(plain).failure(`http://127.0.0.1:${port}/`), 'ambiguous'));
  });

  it('send a stream with its length', async () => {
    const seen: (string | undefined)[] = [];
    const port = await listening(
      createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
          seen.push(length, encoding, Buffer.concat(chunks).toString());
          response.end();
        });
      }),
    );
    const body = (async function* () {
      yield await Promise.resolve(Buffer.from('ab'));
      yield Buffer.from('c');
    })();
    const headers = { 'content-length': '3' };
    const url = `http://127.0.0.1:${port}/`;
    await client(plain).transport.send(
      { method: 'PUT', url, subject: 'x', headers, body },
      never(),
    );
    assert.deepEqual(seen, ['3', undefined, 'abc']);
  });

  it('go through the proxy of the environment, with the same trust', async () => {
    const { url } = await tlsServer();
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push(request.url ?? '');
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const one of [onward, socket]) one.on('error', () => undefined);
      socket.on('close', () => onward.destroy());
      cleanUp.push(() => {
        socket.destroy();
        return Promise.resolve();
      });
    });
    const environment = { https_proxy: `http://127.0.0.1:${await listening(proxy)}` };
    const tls = { ...plain, caFile: certificates.ca };
    assert.equal((await client(tls, environment).send(url)).body, 'nobody');
    assert.deepEqual(asked, [new URL(url).host]);
    const { send } = client(tls, { ...environment, no_proxy: 'localhost' });
    assert.equal((await send(url)).body, 'nobody');
    assert.equal(asked.length, 1);
  });
});
