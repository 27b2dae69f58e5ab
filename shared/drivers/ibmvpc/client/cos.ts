/**
 * IBM's library for the object storage, loaded when it is first needed. It would look for credentials in
 * files and variables of its own; each request has our token instead.
 */
import { Agent as HttpAgent } from 'node:http';

import type S3 from 'ibm-cos-sdk/clients/s3.js';

import type { Environment } from '../../../cloud/proxy.ts';
import { CONNECT_MS, TunnelAgent } from '../../../cloud/tunnel-agent.ts';

let loaded: Promise<typeof S3> | undefined;

async function library(): Promise<typeof S3> {
  loaded ??= import('ibm-cos-sdk/clients/s3.js').then((module) => module.default);
  return loaded;
}

/** Parts that are sent at once, and listings beside them. */
const SOCKETS = 32;

export interface Cos {
  readonly s3: S3;
  /** Ends connections. */
  close(): void;
}

/** `endpoint`: a URL. Requests are made once: whoever calls repeats them. */
export async function openCos(endpoint: string, environment: Environment): Promise<Cos> {
  const Client = await library();
  const kept = { keepAlive: true, maxSockets: SOCKETS };
  const isPlain = endpoint.startsWith('http:');
  const agent = isPlain ? new HttpAgent(kept) : new TunnelAgent(kept, environment);
  // Its declarations have a class for what is a plain object.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const s3 = new Client({
    endpoint,
    // Of no meaning there, but asked for.
    region: 'ibm',
    // It wants some, and does not sign our requests.
    credentials: { accessKeyId: '', secretAccessKey: '' },
    s3ForcePathStyle: true,
    maxRetries: 0,
    // Calls have deadlines of their own.
    httpOptions: { agent, connectTimeout: CONNECT_MS, timeout: 0 },
  });
  return {
    s3,
    close: () => {
      agent.destroy();
    },
  };
}
