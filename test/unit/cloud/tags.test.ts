import assert from 'node:assert/strict';

import { isOfSameNode } from '../../../shared/cloud/tags.ts';

const tags = { nodepool_node_id: '0000000007', nodepool_provider_name: 'cloud' };

describe('tags of two things', () => {
  it('are of one node though the rest of them differs', () => {
    assert.ok(isOfSameNode({ ...tags, nodepool_pool_name: 'a' }, { ...tags, groups: 'b' }));
  });

  for (const [name, other] of Object.entries({
    'another node': { ...tags, nodepool_node_id: '0000000008' },
    'a node of a longer id': { ...tags, nodepool_node_id: '00000000070' },
    'another provider': { ...tags, nodepool_provider_name: 'cloud-2' },
    'no node': { nodepool_provider_name: 'cloud' },
    'no provider': { nodepool_node_id: '0000000007' },
    nobody: {},
  }))
    it(`are not of one node where one is of ${name}`, () => {
      assert.equal(isOfSameNode(tags, other as Record<string, string>), false);
      assert.equal(isOfSameNode(other as Record<string, string>, tags), false);
    });
});
