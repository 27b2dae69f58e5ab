/** What lets us into the cluster, which Zuul is given as well. */
import { CloudError } from '../../base/errors.ts';
import type { Cluster } from '../pods/client/cluster.ts';

/** @throws CloudError NP_CLOUD_FATAL where we are let in by something that Zuul cannot be given */
export async function ownToken(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const token = await cluster.token(signal);
  if (token !== undefined && token !== '') return token;
  throw new CloudError('NP_CLOUD_FATAL', `no token lets us into ${cluster.server}`, {
    hint: 'Zuul uses pods with our own token: give the context a user that has one, not a certificate',
  });
}
