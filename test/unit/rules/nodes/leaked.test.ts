import assert from 'node:assert/strict';

import { isLeaked } from '../../../../shared/rules/nodes/leaked.ts';
import { leakableResource as resource } from '../../../support/leakable-resource.ts';

describe('isLeaked', () => {
  const known = (id: string) =>
    id === 'known' ? ({ state: 'ready', external_id: 'other' } as const) : undefined;
  for (const [what, tags, isTrue] of [
    ['what has our tags and no node', {}, true],
    ['what belongs to a node', { nodepool_node_id: 'known' }, false],
    ['what belongs to another provider', { nodepool_provider_name: 'other' }, false],
    ['what has no node in its tags', { nodepool_node_id: undefined }, false],
    ['what has no provider in its tags', { nodepool_provider_name: undefined }, false],
  ] as const) {
    it(`is ${isTrue} of ${what}`, () => {
      assert.equal(isLeaked(resource('r', tags), 'cloud', known), isTrue);
    });
  }
});

describe('a machine beside that of its node', () => {
  for (const [what, state, has, id, isTrue] of [
    ['is leaked once the node is ready', 'ready', 'mine', 'second', true],
    ['is leaked while the node is used', 'in-use', 'mine', 'second', true],
    ['may be the next one while the node is building', 'building', 'mine', 'second', false],
    ['is left to the deletion of the node', 'deleting', 'mine', 'second', false],
    ['is not told where the node has none', 'ready', null, 'second', false],
    ['is none where it is the node’s own', 'ready', 'mine', 'mine', false],
    ['is known by ids of several parts', 'ready', { host: 'h', instance: 'i' }, 'i', true],
    ['is not told without an id of its own', 'ready', 'mine', undefined, false],
  ] as const) {
    it(what, () => {
      const one = { ...resource('r'), ...(id !== undefined && { externalId: id }) };
      const node = { state, external_id: has };
      assert.equal(
        isLeaked(one, 'cloud', () => node),
        isTrue,
      );
    });
  }
});
