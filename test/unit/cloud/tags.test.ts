import assert from 'node:assert/strict';

import { silentLogger } from '../../../shared/base/log.ts';
import { imageTags, isOfSameNode, nodeTags } from '../../../shared/cloud/tags.ts';

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

describe('the tags of a node', () => {
  const request = {
    ...{ id: '200-1', labels: ['a'], requestor: 'zuul', requestorData: null },
    ...{ relativePriority: 0, eventId: null, createdTime: 1.5, tenantName: 'ténant' },
  };
  const warned: unknown[] = [];
  const log = { ...silentLogger, warn: (...all: unknown[]) => warned.push(all) };

  it('are texts; later sources win, and Nodepool’s own over all', () => {
    const tagsOf = nodeTags({
      fixed: { number: 5, flag: true, kept: 'label', nodepool_node_id: 'label', none: undefined },
      dynamic: { kept: '{request.tenant_name}', broken: '{request.nothing}' },
      ...{ request, log, metadata: tags },
    });
    assert.deepEqual(tagsOf, { number: '5', flag: 'true', none: '', kept: 'ténant', ...tags });
    assert.equal(warned.length, 1);
    assert.match(JSON.stringify(warned), /broken/);
  });
});

describe('the tags of an image', () => {
  it("are the build's, the section's over them, and Nodepool's over both", () => {
    const metadata = { nodepool_build_id: '7', kept: 'build', both: 'build' };
    const section = { both: 'section', yes: true, no: false, none: null, number: 5, list: ['a'] };
    assert.deepEqual(imageTags({ ...section, nodepool_build_id: 'x' }, metadata), {
      ...{ nodepool_build_id: '7', kept: 'build', both: 'section' },
      ...{ yes: 'True', no: 'False', none: 'None', number: '5', list: '["a"]' },
    });
  });
});
