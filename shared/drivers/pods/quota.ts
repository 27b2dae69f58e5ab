/**
 * What a node of a label takes. Pure.
 *
 *   instances:           1
 *   cores, ram (MiB):    what the pod asks for; 0, too, as in the original's records
 *   ephemeral-storage:   MB
 *   GPUs, and all else:  under the names of the label's `gpu-resource` and `extra-resources`
 *
 * Facts: quotaNeededByLabel of nodepool/driver/{kubernetes,openshift}/provider.py.
 */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { labelOptions } from './pod-request.ts';

export function labelQuota(label: PoolLabel): Quota {
  const { cpu, memoryMib, storageMb, gpu, gpuResource, extraResources } = labelOptions(label);
  return {
    instances: 1,
    cores: cpu ?? 0,
    ram: memoryMib ?? 0,
    ...(hasAmount(storageMb) && { 'ephemeral-storage': storageMb }),
    ...(hasAmount(gpu) &&
      gpuResource !== undefined &&
      gpuResource !== '' && { [gpuResource]: gpu }),
    ...extraResources,
  };
}

function hasAmount(amount: number | undefined): amount is number {
  return amount !== undefined && amount !== 0;
}
