/** TLS: who trusts whom, whose name is checked, and certificates that are renewed. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { makeCertificates } from '../../../fixtures/certificates/make.ts';
import type { Certificates } from '../../../fixtures/certificates/make.ts';
import { portOf } from '../../../fixtures/processes/ports.ts';
import type { LogFields, Logger } from '../../../shared/base/log.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { dial } from '../../../shared/zookeeper/dial.ts';
import type { Target } from '../../../shared/zookeeper/hosts.ts';
import { TlsSettings, type TlsFiles } from '../../../shared/zookeeper/tls.ts';
import { eventually } from '../../support/eventually.ts';
import { zookeeper } from '../../support/zookeeper.ts';

describe('TLS', () => {
  let folder: string;
  let strangers: Certificates;
  let hosts: string;
  let trusted: TlsFiles;
  let problems: string[];
  let log: Logger;
  const open: ZooKeeperClient[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-tls-'));
    strangers = await makeCertificates(join(folder, 'strangers'));
    const server = await zookeeper();
    hosts = server.tlsHosts;
    trusted = server.tls;
  });

  beforeEach(() => {
    problems = [];
    const note = (_message: string, fields?: LogFields): void => {
      problems.push(String(fields?.error));
    };
    log = { ...silentLogger, warn: note, debug: note };
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function newClient(tls: TlsFiles, connectString = hosts): ZooKeeperClient {
    const client = new ZooKeeperClient({ connectString, tls, log });
    open.push(client);
    return client;
  }

  /** Starts a client that will not get in, and answers what it logged first. */
  async function refusal(tls: TlsFiles, connectString?: string): Promise<string> {
    const client = newClient(tls, connectString);
    const starting = client.start(AbortSignal.timeout(20_000)).catch(() => undefined);
    await eventually(() => problems.length > 0);
    assert.equal(client.state, 'connecting');
    await client.close();
    await starting;
    return problems[0] ?? '';
  }

  const start = (client: ZooKeeperClient): Promise<void> =>
    client.start(AbortSignal.timeout(20_000));

  const target = (): Target => ({
    ...{ host: '127.0.0.1', address: '127.0.0.1' },
    port: Number(hosts.split(':').at(-1)),
  });

  it('refuses a server whose authority it does not know', async () => {
    assert.match(await refusal({ ...trusted, ca: strangers.ca }), /^TLS: /);
  });

  it('trusts the CAs of the system as well, and looks for them once', async () => {
    const settings = new TlsSettings({ ...trusted, ca: strangers.ca }, ['/nowhere', trusted.ca]);
    let dials = 0;
    const onDial = (): void => {
      dials++;
    };
    for (const expected of [2, 3]) {
      const socket = await dial(
        { target: target(), tls: settings, onDial },
        AbortSignal.timeout(20_000),
      );
      socket.destroy();
      assert.equal(dials, expected);
    }
  });

  it('asks no CA of the system where the given one knows the server', async () => {
    const settings = new TlsSettings(trusted, [join(folder, 'strangers')]);
    const socket = await dial({ target: target(), tls: settings }, AbortSignal.timeout(20_000));
    socket.destroy();
    assert.equal(settings.trustSystem(), true);
  });

  it('names the files that are no certificates or are not there', async () => {
    const missing = join(folder, 'missing.pem');
    assert.match(await refusal({ ...trusted, cert: missing }), /missing\.pem: ENOENT/);
    problems = [];
    assert.match(await refusal({ ...trusted, key: strangers.client.key }), /key/);
  });

  it('says so when the server refuses its certificate', async () => {
    const { cert, key } = strangers.client;
    assert.match(await refusal({ ...trusted, cert, key }), /TLS|closed/);
  });

  it('checks the name of the host only where it is asked to', async () => {
    const port = hosts.split(':').at(-1) ?? '';
    await start(newClient({ ...trusted, verifyHostname: true }, `localhost:${port}`));
    await start(newClient({ ...trusted, verifyHostname: true }, `127.0.0.1:${port}`));
  });

  it('refuses another name where it is asked to', async () => {
    // Another address of this machine, which is not in the certificate.
    const elsewhere = await listenElsewhere(hosts);
    try {
      const other = `${ELSEWHERE}:${portOf(elsewhere)}`;
      assert.match(await refusal({ ...trusted, verifyHostname: true }, other), /altnames/);
      await start(newClient(trusted, other));
    } finally {
      elsewhere.close();
    }
  });

  it('tells the server which name it wants, but never an address', async () => {
    const { cert, key } = strangers.server;
    const names: unknown[] = [];
    const listener = createTlsServer(
      { cert: await readFile(cert), key: await readFile(key) },
      (socket) => {
        socket.on('error', () => undefined);
        names.push(socket.servername);
        socket.destroy();
      },
    );
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    try {
      const known = { ...trusted, ca: strangers.ca };
      await refusal(known, `localhost:${portOf(listener)}`);
      await eventually(() => names.length > 0);
      assert.equal(names[0], 'localhost');
      names.length = problems.length = 0;
      await refusal(known, `127.0.0.1:${portOf(listener)}`);
      await eventually(() => names.length > 0);
      assert.equal(names[0], false);
    } finally {
      listener.close();
    }
  });

  it('reads renewed certificates at the next connection', async () => {
    const files = {
      cert: join(folder, 'cert.pem'),
      key: join(folder, 'key.pem'),
      ca: join(folder, 'ca.pem'),
    };
    await copyFile(trusted.ca, files.ca);
    await copyFile(strangers.client.cert, files.cert);
    await copyFile(strangers.client.key, files.key);
    const client = newClient(files);
    const starting = start(client);
    await eventually(() => problems.length > 0);
    await copyFile(trusted.cert, files.cert);
    await copyFile(trusted.key, files.key);
    await starting;
    assert.equal(client.state, 'connected');
  });
});

const ELSEWHERE = '127.0.0.2';

/** Passes connections on to the server. */
async function listenElsewhere(target: string): Promise<Server> {
  const port = Number(target.split(':').at(-1));
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, ELSEWHERE, resolve));
  return server;
}
