/** The services of one account and region, as far as they are used. */
import type { Caller } from './caller.ts';
import { FloatingIps } from './floating-ips.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { Network } from './network.ts';
import { Profiles } from './profiles.ts';
import { ResourceGroups } from './resource-groups.ts';
import { ServiceInstances } from './service-instances.ts';

export interface IbmServices {
  readonly instances: Instances;
  readonly floatingIps: FloatingIps;
  readonly images: Images;
  readonly network: Network;
  readonly profiles: Profiles;
  readonly resourceGroups: ResourceGroups;
  readonly serviceInstances: ServiceInstances;
}

export function openServices(caller: Caller): IbmServices {
  return {
    instances: new Instances(caller),
    floatingIps: new FloatingIps(caller),
    images: new Images(caller),
    network: new Network(caller),
    profiles: new Profiles(caller),
    resourceGroups: new ResourceGroups(caller),
    serviceInstances: new ServiceInstances(caller),
  };
}
