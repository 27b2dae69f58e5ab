/**
 * TLS towards ZooKeeper, as Nodepool's deployments have it: a client certificate always, the
 * server's chain checked, its name only where the operator asks.
 *
 * The files are read at every connect, so that renewed certificates need no restart; the parsed
 * form is kept for as long as their contents stay the same. The server may chain to the given CA
 * or to one of the system's, as with kazoo; those are read when a server is met that needs them, since
 * they are many.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { messageOf } from '../base/errors.ts';
import { tlsError } from './errors.ts';
import type { Target } from './hosts.ts';

export interface TlsFiles {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Whether the certificate must name the configured host. Default: false. */
  readonly verifyHostname?: boolean | undefined;
}

/** Where distributions keep the system's CAs: Debian, Red Hat, SUSE, Alpine. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

/** OpenSSL's words for a chain that ends at no CA of ours. */
const UNKNOWN_AUTHORITY: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

export class TlsSettings {
  readonly #files: TlsFiles;
  readonly #bundles: readonly string[];
  #trustsSystem = false;
  #known: { digest: string; context: tls.SecureContext } | undefined;

  /** `bundles`: for tests; of those the first that is there. */
  constructor(files: TlsFiles, bundles: readonly string[] = SYSTEM_BUNDLES) {
    this.#files = files;
    this.#bundles = bundles;
  }

  /** From now on the system's CAs are trusted, too. Answers whether that is news. */
  trustSystem(): boolean {
    if (this.#trustsSystem) return false;
    this.#trustsSystem = true;
    this.#known = undefined;
    return true;
  }

  /** What `tls.connect` needs for this target. */
  async connectOptions(target: Target): Promise<tls.ConnectionOptions> {
    const isName = isIP(target.host) === 0;
    return {
      secureContext: await this.#context(),
      rejectUnauthorized: true,
      // Names of hosts only: an address as server name is forbidden (RFC 6066, 3).
      ...(isName ? { servername: target.host } : {}),
      checkServerIdentity: (_name, certificate) =>
        this.#files.verifyHostname === true
          ? tls.checkServerIdentity(target.host, certificate)
          : undefined,
    };
  }

  /** PEM of those that a server's chain may end at. Rejects where the file of `ca` cannot be read. */
  async authorities(): Promise<string[]> {
    return await this.#withSystem(await readPem(this.#files.ca));
  }

  async #withSystem(ca: string): Promise<string[]> {
    return [ca, ...(this.#trustsSystem ? await systemRoots(this.#bundles) : [])];
  }

  async #context(): Promise<tls.SecureContext> {
    const { cert, key, ca } = this.#files;
    const [certPem, keyPem, caPem] = await Promise.all([cert, key, ca].map(readPem));
    const hash = createHash('sha256');
    for (const pem of [certPem, keyPem, caPem]) hash.update(pem ?? '').update('\0');
    const digest = hash.digest('hex');
    if (this.#known?.digest === digest) return this.#known.context;
    const roots = await this.#withSystem(caPem ?? '');
    try {
      const context = tls.createSecureContext({ cert: certPem, key: keyPem, ca: roots });
      this.#known = { digest, context };
      return context;
    } catch (error) {
      throw tlsError(`${cert}, ${key} or ${ca}: ${messageOf(error)}`, error);
    }
  }
}

/** Whether a connection failed because its chain ends at no CA that is trusted. */
export function isUnknownAuthority(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNKNOWN_AUTHORITY.has(error.code);
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw tlsError(`${path}: ${messageOf(error)}`, error);
  }
}

/** The system's CAs; those that come with Node where the system has none. */
async function systemRoots(bundles: readonly string[]): Promise<readonly string[]> {
  for (const path of bundles) {
    const pem = await readFile(path, 'utf8').catch(() => '');
    if (pem !== '') return [pem];
  }
  return tls.rootCertificates;
}
