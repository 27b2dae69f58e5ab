/** Instances and machine types as the client gives them. */
import type { GceInstance } from '../../../../shared/drivers/gce/client/instances.ts';
import type { MachineType } from '../../../../shared/drivers/gce/client/machine-types.ts';

/** One that runs, with both of its addresses. */
export function instance(
  metadata: Readonly<Record<string, string>> = {},
  more: Partial<GceInstance> = {},
): GceInstance {
  return {
    name: 'np0000000001',
    id: '1',
    status: 'RUNNING',
    zone: 'https://host/projects/p/zones/europe-west4-a',
    machineType: 'https://host/projects/p/zones/europe-west4-a/machineTypes/n1-standard-1',
    metadata: { items: Object.entries(metadata).map(([key, value]) => ({ key, value })) },
    networkInterfaces: [
      { networkIP: '10.0.0.2', accessConfigs: [{ natIP: '1.2.3.4' }], ipv6AccessConfigs: [] },
    ],
    ...more,
  };
}

export function machineType(name: string, guestCpus = 2, memoryMb = 8192): MachineType {
  return { name, guestCpus, memoryMb, selfLink: `https://host/machineTypes/${name}` };
}
