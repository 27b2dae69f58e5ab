import assert from 'node:assert/strict';

import { isCounted, limitsOf, podQuota } from '../../../../shared/drivers/openshiftpods/quota.ts';
import type { ResourceQuota } from '../../../../shared/drivers/pods/client/objects.ts';

const quota = (hard: Record<string, string>, more: ResourceQuota['spec'] = {}): ResourceQuota => ({
  spec: { hard, ...more },
});

describe('openshiftpods: quota of projects', () => {
  it('is read in our names and units', () => {
    const hard = {
      ...{ pods: '10', 'requests.cpu': '1500m', 'requests.memory': '2Gi', services: '3' },
      ...{ 'requests.ephemeral-storage': '5M', 'requests.nvidia.com/gpu': '4' },
    };
    assert.deepEqual(limitsOf([[quota(hard)]]), {
      ...{ instances: 10, cores: 1.5, ram: 2048, 'ephemeral-storage': 5, 'nvidia.com/gpu': 4 },
    });
  });

  it('is the tightest of several', () => {
    const quotas = [quota({ pods: '10', cpu: '3' }), quota({ 'count/pods': '4', memory: '1Mi' })];
    assert.deepEqual(limitsOf([quotas]), { instances: 4, cores: 3, ram: 1 });
  });

  it('is not what is for some pods only, nor limits of limits', () => {
    const quotas = [
      quota({ pods: '1' }, { scopes: ['BestEffort'] }),
      quota({ pods: '2' }, { scopeSelector: { matchExpressions: [] } }),
      quota({ 'limits.cpu': '1', 'limits.memory': '1Gi' }),
    ];
    assert.deepEqual(limitsOf([quotas]), {});
  });

  it('of several projects is their sum, as far as all have a limit', () => {
    const limits = limitsOf([[quota({ pods: '3', cpu: '2' })], [quota({ pods: '4' })]]);
    assert.deepEqual(limits, { instances: 7 });
    assert.deepEqual(limitsOf([]), {});
  });

  it('is used by what the containers of a pod ask for', () => {
    const container = (cpu: string, memory: string) => ({
      ...{ name: 'c', resources: { requests: { cpu, memory }, limits: { cpu: '9' } } },
    });
    const containers = [container('250m', '512Mi'), container('1', '1Gi'), { name: 'd' }];
    assert.deepEqual(podQuota({ spec: { containers } }), { instances: 1, cores: 1.25, ram: 1536 });
  });

  it('is not used by pods that have ended', () => {
    const phases = ['Pending', 'Running', 'Succeeded', 'Failed'];
    assert.deepEqual(
      phases.filter((phase) => isCounted({ status: { phase } })),
      ['Pending', 'Running'],
    );
  });
});
