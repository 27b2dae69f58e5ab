import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeCertificates, type Certificates } from '../../../../../fixtures/certificates/make.ts';
import { portOf } from '../../../../../fixtures/processes/ports.ts';
import { systemClock } from '../../../../../shared/base/clock.ts';
import { hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import { openSdk } from '../../../../../shared/drivers/aws/client/sdk.ts';
import { openServices } from '../../../../../shared/drivers/aws/client/services.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import { ec2Answer, ec2List, never } from './scripted-aws.ts';

const ZONES = ec2Answer(
  'DescribeAvailabilityZones',
  ec2List('availabilityZoneInfo', ['<zoneName>us-west-2a</zoneName>']),
);
const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

describe('connections to AWS', () => {
  let folder: string;
  let certificates: Certificates;
  let aws: Server;
  let proxy: Server;
  let tunnels: { target: string; authorization: string | undefined }[];
  let refusal: number | undefined;
  const sockets = new Set<Socket>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-agents-'));
    certificates = await makeCertificates(folder);
    const { server } = certificates;
    const [cert, key] = await Promise.all([readFile(server.cert), readFile(server.key)]);
    aws = createHttpsServer({ cert, key }, (_, answer) => answer.end(ZONES.text));
    proxy = createHttpServer();
    proxy.on('connect', ({ url = '', headers }, socket: Socket) => {
      tunnels.push({ target: url, authorization: headers['proxy-authorization'] });
      sockets.add(socket);
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
        return;
      }
      const onward = connect(portOf(aws), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const one of [onward, socket]) one.on('error', () => undefined);
    });
    await Promise.all([listening(aws), listening(proxy)]);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of [aws, proxy]) {
      server.close();
      server.closeAllConnections();
    }
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    tunnels = [];
    refusal = undefined;
  });

  const zones = async (environment: Readonly<Record<string, string>>) => {
    const services = openServices(
      openSdk({
        ...{ section: 'provider one', region: 'us-west-2', profile: undefined },
        ...{ clock: systemClock, random: Math.random, callsPerSecond: Infinity },
        ...{ log: silentLogger, environment, endpoint: `https://localhost:${portOf(aws)}` },
        credentials: { accessKeyId: 'KEY', secretAccessKey: 'a-secret' },
      }),
    );
    try {
      return await services.compute.zones(never());
    } finally {
      services.close();
    }
  };
  const trust = () => ({ AWS_CA_BUNDLE: certificates.ca });

  it('trust who AWS_CA_BUNDLE names, and nobody else', async () => {
    assert.deepEqual(await zones(trust()), ['us-west-2a']);
    await assert.rejects(zones({}), (error: { hint?: string }) => {
      assert.match(error.hint ?? '', /AWS_CA_BUNDLE/);
      return true;
    });
  });

  it('say that AWS_CA_BUNDLE cannot be read', async () => {
    await assert.rejects(zones({ AWS_CA_BUNDLE: join(folder, 'none') }), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
  });

  it('go through the proxy of the environment', async () => {
    const https_proxy = `http://us%40er:pass@127.0.0.1:${portOf(proxy)}`;
    assert.deepEqual(await zones({ ...trust(), https_proxy }), ['us-west-2a']);
    const authorization = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
    assert.deepEqual(tunnels, [{ target: `localhost:${portOf(aws)}`, authorization }]);
  });

  it('go straight where no_proxy says so', async () => {
    const https_proxy = `http://127.0.0.1:${portOf(proxy)}`;
    await zones({ ...trust(), https_proxy, no_proxy: 'localhost' });
    assert.equal(tunnels.length, 0);
  });

  it('are refused by a proxy, in words without its password', async () => {
    refusal = 403;
    const https_proxy = `http://user:hunter2@127.0.0.1:${portOf(proxy)}`;
    await assert.rejects(zones({ ...trust(), https_proxy }), (error: Error) => {
      assert.match(error.message, /proxy 127\.0\.0\.1: it refuses localhost:\d+ with status 403/);
      assert.doesNotMatch(error.message, /hunter2/);
      return hasLabel(error, 'unreachable');
    });
  });
});
