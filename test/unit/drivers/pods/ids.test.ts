import assert from 'node:assert/strict';

import {
  attemptName,
  descriptionOf,
  isMarked,
  isNamespaceName,
  isOwnedBy,
  isSame,
  leakTags,
  tagsOf,
} from '../../../../shared/drivers/pods/ids.ts';

const nodeId = '0000000007';
const owner = { provider: 'kube', nodeId };
const labels = { nodepool_provider_name: 'kube', nodepool_node_id: nodeId };
const described = (description: string) => ({
  metadata: { name: 'x', annotations: { 'openshift.io/description': description } },
});

describe('pods: names', () => {
  it('are the original’s for the first attempt, and others later', () => {
    assert.equal(attemptName({ before: 'main', nodeId, attempt: 1 }), 'main-0000000007');
    assert.equal(attemptName({ before: 'main', nodeId, attempt: 3 }), 'main-0000000007-3');
  });

  it('are the first one again where a later one would be too long', () => {
    const before = 'p'.repeat(51);
    assert.equal(attemptName({ before, nodeId, attempt: 2 }).length, 62);
    assert.equal(attemptName({ before: `${before}p`, nodeId, attempt: 2 }).length, 63);
    assert.equal(attemptName({ before, nodeId, attempt: 2 }, 100), `${before}-${nodeId}-2`);
  });

  it('are those that Kubernetes takes', () => {
    assert.ok(isNamespaceName('main-0000000007'));
    for (const id of ['', '..', 'a/b', 'Main', 'a-', 'x'.repeat(64), { host: 'a' }])
      assert.ok(!isNamespaceName(id), JSON.stringify(id));
  });
});

describe('pods: whose something is', () => {
  it('stands in its labels', () => {
    assert.ok(isOwnedBy({ metadata: { labels } }, owner));
    assert.ok(!isOwnedBy({ metadata: { labels } }, { ...owner, nodeId: '0000000008' }));
    assert.ok(!isOwnedBy({ metadata: { labels } }, { ...owner, provider: 'other' }));
    assert.ok(!isOwnedBy({}, owner));
  });

  it('stands in a project’s description, where OpenShift left out the labels', () => {
    const project = described(descriptionOf({ ...owner, provider: 'a provider of ours' }));
    assert.deepEqual(tagsOf(project), {
      nodepool_provider_name: 'a provider of ours',
      nodepool_node_id: nodeId,
    });
    assert.ok(isMarked(project));
    assert.ok(!isMarked(described('a project of somebody')));
  });

  it('says the labels where both are there', () => {
    const project = described(descriptionOf({ provider: 'other', nodeId: '1' }));
    const both = { metadata: { ...project.metadata, labels } };
    assert.deepEqual(tagsOf(both), labels);
  });

  it('counts for a deletion only where the name agrees', () => {
    const named = (name: string) => leakTags({ metadata: { name, labels } });
    assert.deepEqual(named('main-0000000007'), labels);
    assert.deepEqual(named('main-0000000007-2'), labels);
    assert.deepEqual(named('production'), {});
    assert.deepEqual(named('main-10000000007'), {});
    assert.deepEqual(leakTags({ metadata: { name: 'main-0000000007' } }), {});
  });

  it('is another thing where the name was given again', () => {
    const one = { metadata: { name: 'a', uid: '1' } };
    assert.ok(isSame(one, { metadata: { name: 'a', uid: '1' } }));
    assert.ok(!isSame(one, { metadata: { name: 'a', uid: '2' } }));
    assert.ok(!isSame(undefined, one));
  });
});
