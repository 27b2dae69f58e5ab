/** The services of one subscription, as far as they are used. */
import type { Caller } from './caller.ts';
import { Disks } from './disks.ts';
import { Images } from './images.ts';
import { Limits } from './limits.ts';
import { Machines } from './machines.ts';
import { Network } from './network.ts';
import { Pages } from './pages.ts';

export interface AzureServices {
  readonly machines: Machines;
  readonly network: Network;
  readonly disks: Disks;
  readonly images: Images;
  readonly pages: Pages;
  readonly limits: Limits;
}

/** `resourceGroup`: of everything that is made. */
export function openServices(caller: Caller, resourceGroup: string): AzureServices {
  return {
    machines: new Machines(caller, resourceGroup),
    network: new Network(caller, resourceGroup),
    disks: new Disks(caller, resourceGroup),
    images: new Images(caller, resourceGroup),
    pages: new Pages(caller.sdk),
    limits: new Limits(caller),
  };
}
