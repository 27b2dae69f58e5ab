/** TLS before a service, with certificates of a private authority. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Certificates } from '../../../fixtures/certificates/make.ts';
import { portOf } from '../../../fixtures/processes/ports.ts';

export interface TlsFront {
  /** `https://127.0.0.1:port`. */
  readonly origin: string;
  close(): Promise<void>;
}

export interface TlsFrontOptions {
  /** `http://host:port` of the service. */
  readonly target: string;
  readonly certificates: Certificates;
  /** Clients must show a certificate of the authority. Default false. */
  readonly wantsCertificate?: boolean;
}

export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const { target, certificates, wantsCertificate = false } = options;
  const { ca, server } = certificates;
  const { hostname, port } = new URL(target);
  const open = new Set<TLSSocket>();
  const front = createServer(
    {
      ...{ ca: await readFile(ca), cert: await readFile(server.cert) },
      ...{ key: await readFile(server.key), requestCert: wantsCertificate },
    },
    (client) => {
      open.add(client);
      const service = connect(Number(port), hostname);
      client.on('error', () => service.destroy());
      service.on('error', () => client.destroy());
      client.on('close', () => {
        open.delete(client);
        service.destroy();
      });
      client.pipe(service).pipe(client);
    },
  );
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://127.0.0.1:${portOf(front)}`,
    close: async () => {
      for (const one of open) one.destroy();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
