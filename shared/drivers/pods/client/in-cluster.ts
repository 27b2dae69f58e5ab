/**
 * The service account of the pod that we run in. Facts: kubernetes.io, "Accessing the Kubernetes API from
 * a Pod"; kubernetes/config/incluster_config.py.
 */
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

import { CloudError, messageOf } from '../../../base/errors.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import type { Pass } from './passes.ts';

/** Where a pod finds its token and the certificates of its cluster. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The cluster puts another token into the file long before the old one ends; client-go looks as often. */
export const TOKEN_FILE_LIFE_MS = 60_000;

export interface InClusterOptions {
  readonly environment: Environment;
  readonly folder: string;
  /** Where a kubeconfig was looked for, for errors. */
  readonly files: readonly string[];
  /** Whose context it is, for errors. */
  readonly section: string;
}

/** @throws CloudError NP_CLOUD_FATAL: we are in no pod, or it has no service account */
export async function inClusterPass(options: InClusterOptions): Promise<Pass> {
  const { environment, folder } = options;
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment;
  if (host === '' || port === '') throw noKubeConfigError(options, 'we run in no pod');
  const [token, ca] = await Promise.all(
    ['token', 'ca.crt'].map((file) =>
      readFile(join(folder, file), 'utf8').catch((error: unknown) => {
        throw noKubeConfigError(options, `the pod has no service account: ${messageOf(error)}`);
      }),
    ),
  );
  const text = token?.trim() ?? '';
  if (text === '') throw noKubeConfigError(options, `${join(folder, 'token')} is empty`);
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    context: undefined,
    tls: {
      ca,
      cert: undefined,
      key: undefined,
      serverName: undefined,
      skipVerify: false,
      proxyUrl: undefined,
    },
    headers: { authorization: `Bearer ${text}` },
    token: text,
    lifeMs: TOKEN_FILE_LIFE_MS,
  };
}

function noKubeConfigError({ files, section }: InClusterOptions, problem: string): CloudError {
  const looked = files.length === 0 ? 'neither KUBECONFIG nor HOME is set' : files.join(', ');
  return new CloudError(
    'NP_CLOUD_FATAL',
    `${section}: there is no kubeconfig (${looked}), and ${problem}`,
    { hint: 'name the kubeconfig in KUBECONFIG, or run in a pod with a service account' },
  );
}
