import assert from 'node:assert/strict';

import {
  cpuMetric,
  instanceQuota,
  limitsFor,
  typeQuota,
} from '../../../../shared/drivers/gce/quota.ts';
import { instance, machineType } from './shown.ts';

describe('gce: quota', () => {
  for (const [type, metric] of [
    ['n1-standard-1', 'CPUS'],
    ['e2-medium', 'CPUS'],
    ['f1-micro', 'CPUS'],
    ['g1-small', 'CPUS'],
    ['custom-4-8192', 'CPUS'],
    ['n2-standard-4', 'N2_CPUS'],
    ['n2-custom-4-8192', 'N2_CPUS'],
    ['n2d-highmem-8', 'N2D_CPUS'],
    ['c3-highcpu-4', 'C3_CPUS'],
    ['t2d-standard-1', 'T2D_CPUS'],
  ] as const)
    it(`of ${type} is of metric ${metric}`, () => {
      assert.equal(cpuMetric(type), metric);
    });

  it('of a type is that of a node with a public address', () => {
    assert.deepEqual(typeQuota(machineType('n2-standard-2')), {
      instances: 1,
      cores: 2,
      ram: 8192,
      N2_CPUS: 2,
      IN_USE_ADDRESSES: 1,
    });
  });

  it('of an instance is that of its type and addresses', () => {
    const type = machineType('n1-standard-1', 1, 3840);
    const all = { instances: 1, cores: 1, ram: 3840, CPUS: 1 };
    assert.deepEqual(instanceQuota(instance(), type), { ...all, IN_USE_ADDRESSES: 1 });
    const inner = instance({}, { networkInterfaces: [] });
    assert.deepEqual(instanceQuota(inner, type), { ...all, IN_USE_ADDRESSES: 0 });
    const soon = instance(
      {},
      {
        networkInterfaces: [{ accessConfigs: [{}], ipv6AccessConfigs: [] }],
      },
    );
    assert.deepEqual(instanceQuota(soon, type), { ...all, IN_USE_ADDRESSES: 1 });
    assert.deepEqual(instanceQuota(instance(), undefined), { instances: 1, IN_USE_ADDRESSES: 1 });
    for (const status of ['TERMINATED', 'STOPPED', 'SUSPENDED'])
      assert.deepEqual(instanceQuota(instance({}, { status }), type), { instances: 1 });
  });

  it("is the region's without what is used outside of the zone", () => {
    const quotas = [
      { metric: 'INSTANCES', limit: 100, usage: 10 },
      { metric: 'CPUS', limit: 72, usage: 12 },
      { metric: 'N2_CPUS', limit: 24, usage: 0 },
      { metric: 'C2_CPUS', limit: 24, usage: 0 },
      { metric: 'IN_USE_ADDRESSES', limit: 8, usage: 20 },
      { metric: 'SNAPSHOTS', limit: 1, usage: 1 },
    ];
    const used = { instances: 4, cores: 10, CPUS: 10, IN_USE_ADDRESSES: 4 };
    assert.deepEqual(limitsFor(quotas, ['n1-standard-1', 'n2-standard-2'], used), {
      instances: 94,
      CPUS: 70,
      N2_CPUS: 24,
      IN_USE_ADDRESSES: 0,
    });
    // What Google has not counted yet makes no room.
    assert.equal(limitsFor(quotas, [], { instances: 50 }).instances, 100);
    assert.deepEqual(limitsFor([{ metric: 'INSTANCES', limit: -1, usage: 0 }], [], {}), {});
  });
});
