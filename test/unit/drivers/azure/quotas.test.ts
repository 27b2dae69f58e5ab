import assert from 'node:assert/strict';
import type { Usage, VirtualMachine } from '@azure/arm-compute';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { Quotas } from '../../../../shared/drivers/azure/quotas.ts';
import { Skus } from '../../../../shared/drivers/azure/skus.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { skuFields } from './sku-fields.ts';

const FAMILY = 'standardDSv5Family';
const never = (): AbortSignal => new AbortController().signal;

const section = (size: string): string => `
name: azure
driver: azure
location: eastus
resource-group: nodepool
resource-group-location: eastus
auth-path: /none
cloud-images:
  - {name: image, username: zuul, image-id: /images/one}
pools:
  - name: main
    max-servers: 10
    labels:
      - {name: small, cloud-image: image, hardware-profile: {${size}}}
`;

function subject(size = 'vm-size: Standard_D2s_v5') {
  const clock = new ManualClock();
  const config = providerConfig(section(size));
  const usages: Usage[] = [];
  const machines = new Map<string, VirtualMachine>();
  const limits = {
    skus: () =>
      Promise.resolve([
        skuFields('Standard_D2s_v5', { family: FAMILY, cores: 2, memoryGb: 8 }),
        skuFields('Standard_B1s', { family: 'standardBSFamily' }),
      ]),
    usages: (location: string) => Promise.resolve(location === 'eastus' ? [...usages] : []),
  };
  const skus = new Skus({ limits, location: 'eastus', clock });
  const list = () => Promise.resolve(new Map(machines));
  const listing = new SharedListing<ReadonlyMap<string, VirtualMachine>>({
    clock,
    pollSeconds: 1,
    list,
  });
  const quotas = new Quotas({ config, limits, skus, machines: listing, clock });
  return {
    ...{ clock, machines, quotas },
    uses: (cores: number, instances: number) => {
      usages.splice(
        0,
        Infinity,
        ...[
          ['cores', 100, cores] as const,
          ['virtualMachines', 20, instances] as const,
          [FAMILY, 50, 0] as const,
          ['standardBSFamily', 50, 0] as const,
        ].map(([value, limit, currentValue]): Usage => ({
          ...{ unit: 'Count', limit, currentValue, name: { value } },
        })),
      );
    },
    add: (name: string, vmSize: string, location = 'eastus') => {
      machines.set(name, { location, hardwareProfile: { vmSize }, tags: { name } });
    },
    limits: () => settleByTurning(clock, quotas.limits(never())),
    instances: () => settleByTurning(clock, quotas.instances(never())),
    need: () => quotas.need(labelOf(config, 'small').label, never()),
  };
}

describe('quotas of azure', () => {
  it('are those of the subscription, and of the families that labels use', async () => {
    const { uses, limits } = subject();
    uses(0, 0);
    assert.deepEqual(await limits(), { cores: 100, instances: 20, [FAMILY]: 50 });
  });

  it('are without what is used outside of the resource group', async () => {
    const { uses, add, limits } = subject();
    add('foreign', 'Standard_D2s_v5');
    add('elsewhere', 'Standard_D2s_v5', 'westus');
    uses(12, 6);
    assert.deepEqual(await limits(), { cores: 90, instances: 15, [FAMILY]: 50 });
  });

  it('know what Azure still counts though it has just gone', async () => {
    const { clock, uses, add, limits, machines, quotas } = subject();
    add('np1', 'Standard_D2s_v5');
    quotas.learn(new Map(machines));
    machines.clear();
    uses(2, 1);
    await clock.advance(100_000);
    assert.equal((await limits()).cores, 100);
    await clock.advance(30_000);
    assert.equal((await limits()).cores, 98);
  });

  it('list all machines with what they take', async () => {
    const { add, instances } = subject();
    add('np1', 'standard_d2s_v5');
    add('odd', 'Standard_X');
    assert.deepEqual(await instances(), [
      {
        ...{ externalId: 'np1', metadata: { name: 'np1' } },
        resources: { instances: 1, cores: 2, ram: 8192, [FAMILY]: 2 },
      },
      { externalId: 'odd', metadata: { name: 'odd' }, resources: { instances: 1 } },
    ]);
  });

  it('know what a label takes, and what a machine takes', async () => {
    const { need, quotas } = subject();
    const expected = { instances: 1, cores: 2, ram: 8192, [FAMILY]: 2 };
    assert.deepEqual(await need(), expected);
    const machine = { location: 'eastus', hardwareProfile: { vmSize: 'Standard_D2s_v5' } };
    assert.deepEqual(await quotas.ofMachine(machine, never()), expected);
  });

  for (const size of ['vm-size: Standard_D9s_v5', ''])
    it(`take a label offline that asks for what there is not: "${size}"`, async () => {
      await assert.rejects(subject(size).need(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    });
});
