/** The services of one cloud, as far as its catalog has them. */
import { CloudError } from '../../base/errors.ts';
import { Compute } from './client/compute.ts';
import { Images } from './client/images.ts';
import { NetworkService } from './client/network.ts';
import type { Service, Session } from './client/service.ts';
import { Volumes } from './client/volumes.ts';

export interface CloudServices {
  readonly compute: Compute;
  readonly images: Images;
  /** Undefined: the cloud has no neutron. */
  readonly network: NetworkService | undefined;
  /** Undefined: the cloud has no cinder. */
  readonly volumes: Volumes | undefined;
}

/** @throws CloudError NP_CLOUD_FATAL where nova or glance is missing. */
export async function openServices(session: Session, signal: AbortSignal): Promise<CloudServices> {
  const compute = await required(session, 'compute', signal);
  const image = await required(session, 'image', signal);
  const network = await session.service('network', signal);
  const volumes = await session.service('block-storage', signal);
  return {
    compute: new Compute(compute),
    images: new Images(image),
    network: network && new NetworkService(network),
    volumes: volumes && new Volumes(volumes),
  };
}

async function required(
  session: Session,
  type: 'compute' | 'image',
  signal: AbortSignal,
): Promise<Service> {
  const service = await session.service(type, signal);
  if (service !== undefined) return service;
  throw new CloudError('NP_CLOUD_FATAL', `the cloud's catalog has no ${type} service`, {
    hint: 'check region_name, interface and the endpoint overrides in clouds.yaml',
  });
}
