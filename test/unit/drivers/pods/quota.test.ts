import assert from 'node:assert/strict';

import { labelQuota } from '../../../../shared/drivers/pods/quota.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';

const quotaOf = (label: string, pool = 'max-servers: 1') => {
  const config = providerConfig(`
name: kube
driver: kubernetes
pools: [{name: main, ${pool}, labels: [{name: small, type: pod, ${label}}]}]
`);
  return labelQuota(labelOf(config, 'small').label);
};

describe('pods: what a node of a label takes', () => {
  it('is one instance, and what its pod asks for', () => {
    assert.deepEqual(quotaOf('image: i'), { instances: 1, cores: 0, ram: 0 });
    assert.deepEqual(
      quotaOf('image: i, cpu: 2, memory: 512, storage: 9, gpu: 0.5, gpu-resource: nvidia.com/gpu'),
      { instances: 1, cores: 2, ram: 512, 'ephemeral-storage': 9, 'nvidia.com/gpu': 0.5 },
    );
  });

  it('is not its limits', () => {
    assert.equal(quotaOf('image: i, cpu-limit: 2').cores, 0);
  });

  it('has the other resources of the pool and of the label', () => {
    const pool = 'default-label-cpu: 1, default-label-extra-resources: {x: 1, y: 1}';
    assert.deepEqual(quotaOf('image: i, extra-resources: {y: 2}', pool), {
      ...{ instances: 1, cores: 1, ram: 0, x: 1, y: 2 },
    });
  });
});
