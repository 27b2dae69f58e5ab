/**
 * Connections to AWS: kept open for the next call, a bounded number to each service, through the proxy
 * that the environment names, and with the certificates of AWS_CA_BUNDLE. The SDK itself looks at
 * neither, unlike boto3.
 */
import { readFile } from 'node:fs/promises';

import { CloudError } from '../../../base/errors.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import { CONNECT_MS, TunnelAgent } from '../../../cloud/tunnel-agent.ts';

/** Connections to one service; more calls than these at once wait. */
const SOCKETS = 100;

/** For `requestHandler` of an SDK client, which destroys the agents at its end. */
export async function connectionOptions(environment: Environment) {
  const kept = { keepAlive: true, maxSockets: SOCKETS };
  const ca = await certificates(environment);
  const httpsAgent = new TunnelAgent({ ...kept, ...(ca && { ca }) }, environment);
  return { connectionTimeout: CONNECT_MS, httpAgent: kept, httpsAgent };
}

async function certificates({ AWS_CA_BUNDLE: file }: Environment): Promise<Buffer | undefined> {
  if (file === undefined || file === '') return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new CloudError('NP_CLOUD_FATAL', `AWS_CA_BUNDLE cannot be read: ${file}`, {
      hint: 'correct AWS_CA_BUNDLE in the environment, or unset it',
      cause: error,
    });
  }
}
