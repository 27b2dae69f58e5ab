/** Sizes as Azure lists them. */
import type { ResourceSku } from '@azure/arm-compute';

export interface SkuWish {
  readonly family?: string;
  readonly cores?: number;
  readonly memoryGb?: number;
  readonly location?: string;
  readonly zones?: readonly string[];
  readonly restrictions?: ResourceSku['restrictions'];
}

export function skuFields(name: string, wish: SkuWish = {}): ResourceSku {
  const { family = 'standardBSFamily', cores = 1, memoryGb = 1, location = 'eastus' } = wish;
  return {
    ...{ resourceType: 'virtualMachines', name, family, locations: [location] },
    locationInfo: [{ location, zones: [...(wish.zones ?? [])] }],
    capabilities: [
      { name: 'vCPUs', value: String(cores) },
      { name: 'MemoryGB', value: String(memoryGb) },
    ],
    restrictions: wish.restrictions ?? [],
  };
}
