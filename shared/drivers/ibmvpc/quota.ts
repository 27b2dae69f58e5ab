/** What machines take. Profiles tell GiB, all else counts MiB. Pure. */
import type { Quota } from '../../../schemas/quota.ts';
import type { Profile, VpcInstance } from './client/model.ts';

const MEBIBYTES = 1024;

/** What one machine of the profile takes. */
export function profileQuota({ cores, memory }: Pick<Profile, 'cores' | 'memory'>): Quota {
  return {
    instances: 1,
    ...(cores !== undefined && { cores }),
    ...(memory !== undefined && { ram: memory * MEBIBYTES }),
  };
}

/** What a machine takes: as its profile says, else as it says itself. */
export function machineQuota(
  machine: Pick<VpcInstance, 'profile' | 'cores' | 'memory'>,
  profiles: ReadonlyMap<string, Profile>,
): Quota {
  const { cores = machine.cores, memory = machine.memory } = profiles.get(machine.profile) ?? {};
  return profileQuota({ cores, memory });
}
