import assert from 'node:assert/strict';
import type { Usage } from '@azure/arm-compute';
import fc from 'fast-check';

import { limitsFor, machineQuota, skuQuota } from '../../../../shared/drivers/azure/quota.ts';
import { skuOf, skusOf } from '../../../../shared/drivers/azure/skus.ts';
import { skuFields } from './sku-fields.ts';

const SIZE = 'Standard_D2s_v5';
const FAMILY = 'standardDSv5Family';
const SKUS = skusOf([skuFields(SIZE, { family: FAMILY, cores: 2, memoryGb: 8 })], 'eastus');
const NEED = { instances: 1, cores: 2, ram: 8192, [FAMILY]: 2 };
const usage = (value: string, limit: number, currentValue = 0): Usage => ({
  ...{ unit: 'Count', limit, currentValue, name: { value } },
});

describe('what a machine takes', () => {
  it('is what its size says', () => {
    assert.deepEqual(skuQuota(skuOf(SKUS, SIZE)), NEED);
  });

  it('is one instance where nothing is known of its size', () => {
    assert.deepEqual(skuQuota(undefined), { instances: 1 });
    const hardwareProfile = { vmSize: 'Standard_X' };
    assert.deepEqual(machineQuota({ location: 'eastus', hardwareProfile }, SKUS, 'eastus'), {
      instances: 1,
    });
    assert.deepEqual(machineQuota({ location: 'eastus' }, SKUS, 'eastus'), { instances: 1 });
  });

  it('is nothing of ours in another location', () => {
    const hardwareProfile = { vmSize: SIZE.toLowerCase() };
    assert.deepEqual(machineQuota({ location: 'eastus', hardwareProfile }, SKUS, 'East US'), NEED);
    assert.deepEqual(machineQuota({ location: 'westus', hardwareProfile }, SKUS, 'eastus'), {});
  });
});

describe('what is left for the resource group', () => {
  it('are the limits that matter, by our names', () => {
    const usages = [
      ...[usage('virtualMachines', 100), usage('cores', 50), usage('STANDARDDSv5Family', 20)],
      ...[usage('standardBSFamily', 10), usage('availabilitySets', 2500)],
    ];
    assert.deepEqual(limitsFor(usages, [FAMILY], {}), {
      instances: 100,
      cores: 50,
      [FAMILY]: 20,
    });
  });

  it('is less what others use, but not what the group uses', () => {
    const usages = [usage('cores', 50, 30), usage('virtualMachines', 100, 3)];
    const used = { cores: 20, instances: 10 };
    assert.deepEqual(limitsFor(usages, [], used), { cores: 40, instances: 100 });
  });

  it('is never negative, and nothing where Azure gives no limit', () => {
    assert.deepEqual(limitsFor([usage('cores', 10, 90)], [], {}), { cores: 0 });
    assert.deepEqual(limitsFor([usage('cores', -1)], [], {}), {});
    assert.deepEqual(limitsFor([], [FAMILY], { cores: 4 }), {});
  });

  it('lets others and the group together have what the limit says', () => {
    const amount = fc.nat(1000);
    fc.assert(
      fc.property(amount, amount, amount, (limit, others, own) => {
        const left = limitsFor([usage('cores', limit, others + own)], [], { cores: own });
        assert.equal(left.cores, Math.max(0, limit - others));
      }),
    );
  });
});
