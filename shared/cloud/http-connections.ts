/**
 * Connections to the cloud: kept open for the next call, a bounded number to each server, with the
 * certificates that the configuration names.
 *
 * The files are read at the first connection and again when they change, since certificates are
 * renewed while the launcher runs. Through a proxy they are read once for each server.
 */
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Agent, ProxyAgent, buildConnector, fetch as undiciFetch, type Dispatcher } from 'undici';

import { messageOf } from '../base/errors.ts';
import { sendStream } from './http-streaming.ts';
import type { Fetch } from './http-transport.ts';
import { proxyFor, type Environment } from './proxy.ts';

/** To one server. More calls wait, inside their deadlines. */
const MOST_CONNECTIONS = 32;
const CONNECT_TIMEOUT_MS = 10_000;

export interface TlsOptions {
  /** False: certificates are not checked. Default true. */
  readonly verify: boolean;
  /** Files. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** Certificates are checked by the authorities that Node knows, and none of ours is shown. */
export const PLAIN_TLS: TlsOptions = {
  verify: true,
  caFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};

/** Files of the configuration that cannot be read or understood. */
export class TlsFileError extends Error {
  readonly code = 'NP_TLS_FILE';
}

export interface Connections {
  readonly fetch: Fetch;
  /** Ends what is open. */
  close(): Promise<void>;
}

export function openConnections(tls: TlsOptions, environment: Environment): Connections {
  const shared = {
    connections: MOST_CONNECTIONS,
    // Calls have deadlines of their own; an image takes as long as it takes.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const direct = new Agent({ ...shared, connect: reloadingConnector(tls) });
  const proxied = new Map<string, Promise<ProxyAgent>>();
  const throughProxy = (uri: string): Promise<ProxyAgent> => {
    const known = proxied.get(uri);
    if (known !== undefined) return known;
    const made = readTls(tls).then((requestTls) => new ProxyAgent({ ...shared, uri, requestTls }));
    proxied.set(uri, made);
    made.catch(() => proxied.delete(uri));
    return made;
  };
  return {
    fetch: async (url, init) => {
      const proxy = proxyFor(new URL(url), environment);
      const dispatcher: Dispatcher = proxy === undefined ? direct : await throughProxy(proxy);
      const { body, ...rest } = init;
      if (body === undefined || typeof body === 'string')
        return undiciFetch(url, { ...rest, ...(body !== undefined && { body }), dispatcher });
      return sendStream(url, init, body, dispatcher);
    },
    close: async () => {
      const agents = await Promise.allSettled(proxied.values());
      const open = agents.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await Promise.all([direct, ...open].map((one) => one.destroy()));
    },
  };
}

/** Makes connections with the files as they are now. */
function reloadingConnector(tls: TlsOptions): buildConnector.connector {
  let current: { readonly stamp: string; readonly connect: buildConnector.connector } | undefined;
  const connector = async (): Promise<buildConnector.connector> => {
    const stamp = await stampOf(tls);
    if (current?.stamp !== stamp)
      current = {
        stamp,
        connect: buildConnector({ ...(await readTls(tls)), timeout: CONNECT_TIMEOUT_MS }),
      };
    return current.connect;
  };
  return (options, callback) => {
    connector()
      .then((connect) => {
        connect(options, callback);
      })
      .catch((error: unknown) => {
        callback(error instanceof Error ? error : new Error(messageOf(error)), null);
      });
  };
}

interface TlsContents {
  readonly rejectUnauthorized: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

async function readTls({ verify, caFile, certFile, keyFile }: TlsOptions): Promise<TlsContents> {
  const contents = {
    ...(caFile !== undefined && { ca: await contentsOf('cacert', caFile) }),
    ...(certFile !== undefined && { cert: await contentsOf('cert', certFile) }),
    // As in Python, one file may hold both.
    ...(certFile !== undefined && { key: await contentsOf('key', keyFile ?? certFile) }),
  };
  checkContents(contents);
  return { rejectUnauthorized: verify, ...contents };
}

/** OpenSSL's words name no part of a key. */
function checkContents(contents: Omit<TlsContents, 'rejectUnauthorized'>): void {
  try {
    createSecureContext(contents);
  } catch (error) {
    throw new TlsFileError(`cacert, cert or key: ${messageOf(error)}`);
  }
}

async function contentsOf(option: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(option, file, error);
  }
}

/** Differs when a file does. */
async function stampOf({ caFile, certFile, keyFile }: TlsOptions): Promise<string> {
  const files = { cacert: caFile, cert: certFile, key: keyFile };
  const stamps: string[] = [];
  for (const [option, file] of Object.entries(files))
    if (file !== undefined) stamps.push(await stampOfFile(option, file));
  return stamps.join(' ');
}

async function stampOfFile(option: string, file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino}-${size}-${mtimeMs}`;
  } catch (error) {
    throw unreadable(option, file, error);
  }
}

function unreadable(option: string, file: string, error: unknown): TlsFileError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not readable';
  return new TlsFileError(`${option}: ${file}: ${reason}`);
}
