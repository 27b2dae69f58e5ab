/**
 * The certificate that a server shows, whether or not we trust it, and whether or not it trusts us: with
 * TLS 1.2 a server that refuses our certificate ends the handshake, after it has shown its own.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as tls from 'node:tls';

import { onAbort } from '../../../base/wait.ts';
import { TlsSettings, type TlsFiles } from '../../../zookeeper/tls.ts';
import { certificatesOf, chainFrom, isSigned } from './chains.ts';
import type { Server } from './look-at-server.ts';

export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** Why it is not trusted, as TLS says it. */
  readonly refusal: string | undefined;
  readonly nameProblem: string | undefined;
}

/** Rejects where no certificate is shown. */
export async function shownBy(
  server: Server,
  files: TlsFiles,
  signal: AbortSignal,
): Promise<ShownCertificate> {
  const host = server.host.replace(/^\[(.*)\]$/, '$1');
  const settings = new TlsSettings(files);
  settings.trustSystem();
  const authorities = (): Promise<string[]> => settings.authorities().catch(() => []);
  // With a certificate that is wrong we have none to show, but see theirs all the same.
  const target = { address: host, port: server.port, host };
  const own = await settings
    .connectOptions(target)
    .catch(async () => ({ ca: await authorities() }));
  const socket = tls.connect({
    ...own,
    ...{ host, port: server.port },
    ...(isIP(host) === 0 && { servername: host }),
    // Looking only: nothing is sent over it.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    const { certificate, refusal } = await shownOver(socket, authorities, signal);
    const wantsName = files.verifyHostname === true;
    const legacy = certificate.toLegacyObject();
    const nameProblem = wantsName ? tls.checkServerIdentity(host, legacy)?.message : undefined;
    return { certificate, refusal, nameProblem };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

async function shownOver(
  socket: tls.TLSSocket,
  authorities: () => Promise<string[]>,
  signal: AbortSignal,
): Promise<Omit<ShownCertificate, 'nameProblem'>> {
  let shown: X509Certificate | undefined;
  // The only event between their certificate and the end of a handshake of TLS 1.2.
  socket.on('keylog', () => (shown ??= socket.getPeerX509Certificate()));
  try {
    await secured(socket, signal);
  } catch (error) {
    if (shown === undefined) throw error;
    return { certificate: shown, refusal: judgeOurselves(shown, await authorities()) };
  }
  // Node gives it away once.
  const certificate = shown ?? socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error('it shows no certificate');
  const refusal = socket.authorized ? undefined : String(socket.authorizationError);
  return { certificate, refusal };
}

/** For a handshake that did not come so far. Its dates are looked at elsewhere. */
function judgeOurselves(
  shown: X509Certificate,
  authorities: readonly string[],
): string | undefined {
  const trusted = authorities.flatMap(certificatesOf);
  return isSigned(shown, chainFrom(shown), trusted)
    ? undefined
    : 'no authority has signed it that is trusted here';
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
