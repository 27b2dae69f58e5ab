/** The services of one project and zone, as far as they are used. */
import type { Caller } from './caller.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { MachineTypes } from './machine-types.ts';
import { Operations } from './operations.ts';
import type { GcePlace } from './place.ts';
import { Regions } from './regions.ts';

export interface GceServices {
  readonly instances: Instances;
  readonly machineTypes: MachineTypes;
  readonly images: Images;
  readonly regions: Regions;
  readonly operations: Operations;
}

export function openServices(caller: Caller, place: GcePlace): GceServices {
  return {
    instances: new Instances(caller, place),
    machineTypes: new MachineTypes(caller, place),
    images: new Images(caller),
    regions: new Regions(caller, place),
    operations: new Operations(caller, place),
  };
}
