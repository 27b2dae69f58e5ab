/** On real TLS servers that ask for a certificate, as ZooKeeper's do. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';

import { makeCertificates, type Certificates } from '../../../../fixtures/certificates/make.ts';
import { portOf } from '../../../../fixtures/processes/ports.ts';
import {
  shownBy,
  type ShownCertificate,
} from '../../../../shared/cli/doctor/zookeeper/server-certificate.ts';

describe('the certificate that a server shows', () => {
  let folder: string;
  let ours: Certificates;
  let strangers: Certificates;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-shown-'));
    [ours, strangers] = await Promise.all([
      makeCertificates(join(folder, 'ours')),
      makeCertificates(join(folder, 'strangers')),
    ]);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    describe(`over ${version}`, () => {
      let server: Server;

      before(async () => {
        const [cert, key, ca] = await Promise.all(
          [ours.server.cert, ours.server.key, ours.ca].map((path) => readFile(path)),
        );
        server = createServer({
          ...{ cert, key, ca, requestCert: true, rejectUnauthorized: true },
          ...{ minVersion: version, maxVersion: version },
        });
        server.on('secureConnection', (socket) => socket.on('error', () => undefined));
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      });

      after(() => server.close());

      const look = (cert: string, key: string, ca: string): Promise<ShownCertificate> =>
        shownBy(
          { host: '127.0.0.1', port: portOf(server), chroot: undefined },
          { cert, key, ca, verifyHostname: true },
          AbortSignal.timeout(10_000),
        );

      it('is trusted where an authority of ours has signed it', async () => {
        const shown = await look(ours.client.cert, ours.client.key, ours.ca);
        assert.match(shown.certificate.subject, /CN=test server/);
        assert.deepEqual([shown.refusal, shown.nameProblem], [undefined, undefined]);
      });

      it('is seen and trusted where the server refuses ours', async () => {
        const shown = await look(strangers.client.cert, strangers.client.key, ours.ca);
        assert.match(shown.certificate.subject, /CN=test server/);
        assert.deepEqual([shown.refusal, shown.nameProblem], [undefined, undefined]);
      });

      it('is seen and trusted where ours cannot be used', async () => {
        const shown = await look(ours.client.cert, strangers.client.key, ours.ca);
        assert.deepEqual([shown.refusal, shown.nameProblem], [undefined, undefined]);
      });

      it('is not trusted where no authority of ours has signed it', async () => {
        for (const key of [ours.client.key, strangers.client.key]) {
          const { refusal } = await look(ours.client.cert, key, strangers.ca);
          assert.match(String(refusal), /SELF_SIGNED_CERT_IN_CHAIN|no authority has signed it/);
        }
      });
    });
});
