/** The certificate that a server shows, whether or not we trust it. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as tls from 'node:tls';

import { onAbort } from '../../../base/wait.ts';
import { TlsSettings, type TlsFiles } from '../../../zookeeper/tls.ts';
import type { Server } from './look-at-server.ts';

export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** Why it is not trusted, as TLS says it. */
  readonly refusal: string | undefined;
  readonly nameProblem: string | undefined;
}

/** Rejects where there is no TLS connection at all. */
export async function shownBy(
  server: Server,
  files: TlsFiles,
  signal: AbortSignal,
): Promise<ShownCertificate> {
  const host = server.host.replace(/^\[(.*)\]$/, '$1');
  const target = { address: host, port: server.port, host };
  // With files that are wrong we have no certificate to show, but see theirs all the same.
  const settings = new TlsSettings(files);
  settings.trustSystem();
  const options = await settings.connectOptions(target).catch(() => ({}));
  const socket = tls.connect({
    ...options,
    ...{ host, port: server.port },
    ...(isIP(host) === 0 && { servername: host }),
    // Looking only: nothing is sent over it.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    await secured(socket, signal);
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error('it shows no certificate');
    const wantsName = files.verifyHostname === true;
    const legacy = certificate.toLegacyObject();
    const nameProblem = wantsName ? tls.checkServerIdentity(host, legacy)?.message : undefined;
    const refusal = socket.authorized ? undefined : String(socket.authorizationError);
    return { certificate, refusal, nameProblem };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function secured(socket: tls.TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      socket.destroy(new Error('no answer'));
    });
    socket.once('secureConnect', () => {
      forget();
      resolve();
    });
    socket.once('error', (error: Error) => {
      forget();
      reject(error);
    });
    socket.once('close', () => {
      forget();
      reject(new Error('it closed the connection'));
    });
  });
}
