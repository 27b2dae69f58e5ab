/** Opens a cluster: reads where it is and what lets us in. */
import type { PodProviderOptions } from '../../../../schemas/config/drivers/pods.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import type { DriverEnv } from '../../driver.ts';
import { Caller } from './caller.ts';
import { Cluster } from './cluster.ts';
import { SERVICE_ACCOUNT_FOLDER } from './in-cluster.ts';
import { Login } from './login.ts';
import { openNodeHttp, type NodeHttp } from './node-http.ts';
import type { Transport } from './transport.ts';

/** What tests replace. */
export interface ClusterOptions {
  /** How to reach the cluster. Default: Node's own HTTP. */
  readonly transport?: Transport | undefined;
  /** Until one call is given up. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** Where a pod finds its service account. Default /var/run/secrets/kubernetes.io/serviceaccount. */
  readonly serviceAccountFolder?: string | undefined;
}

/**
 * The kubeconfig of `KUBECONFIG`, which may name several files, else `~/.kube/config`, else the service
 * account of the pod that we run in. Makes no call to the cluster. Without a `context` in the section it
 * is the current one.
 *
 * @throws CloudError NP_CLOUD_FATAL that names the files and the contexts that there are;
 * NP_CLOUD_TRANSIENT of a program that gives credentials
 */
export async function openCluster(
  config: ProviderConfig,
  env: DriverEnv,
  options: ClusterOptions,
  signal: AbortSignal,
): Promise<Cluster> {
  const { context } = config.options as PodProviderOptions;
  const { clock, random, log, environment, pollSeconds, onHttp } = env;
  const { timeoutSeconds, serviceAccountFolder = SERVICE_ACCOUNT_FOLDER } = options;
  const section = `provider ${config.name}`;
  const login = new Login({ clock, log, environment, context, serviceAccountFolder, section });
  const pass = await login.current(signal);
  const { callsPerSecond } = config;
  const calls = new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
  const http: NodeHttp = options.transport
    ? { transport: options.transport, close: () => Promise.resolve() }
    : openNodeHttp();
  const { transport } = http;
  const caller = new Caller({ calls, login, transport, clock, onHttp });
  const disconnect = (): void => {
    // What still runs ends with its own signal.
    void http.close();
  };
  return new Cluster({
    ...{ pass, login, calls, caller, clock, random, log, pollSeconds, disconnect },
  });
}
