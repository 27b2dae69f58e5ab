import assert from 'node:assert/strict';

import { workerBinding, workerRole } from '../../../../shared/drivers/kubernetes/roles.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

describe('kubernetes: what Zuul may do', () => {
  it('is much in a namespace that is the node', () => {
    const { metadata, rules } = workerRole(false);
    assert.equal(metadata?.name, 'zuul');
    const [rule, ...others] = rules ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual(rule?.verbs, VERBS);
    assert.deepEqual(rule.apiGroups, ['']);
    assert.ok(rule.resources?.includes('configmaps'));
  });

  it('is little where the pod is the node', () => {
    const { metadata, rules } = workerRole(true);
    assert.equal(metadata?.name, 'zuul-restricted');
    assert.deepEqual(rules, [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: VERBS },
      { apiGroups: [''], resources: ['pods/logs'], verbs: VERBS },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: VERBS },
    ]);
  });

  it('is given to the service account of the namespace', () => {
    for (const hasPod of [true, false]) {
      const { metadata, roleRef, subjects } = workerBinding('main-1', hasPod);
      assert.equal(metadata?.name, 'zuul-role');
      assert.deepEqual(roleRef, {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: hasPod ? 'zuul-restricted' : 'zuul',
      });
      assert.deepEqual(subjects, [
        { kind: 'ServiceAccount', name: 'zuul-worker', namespace: 'main-1' },
      ]);
    }
  });
});
