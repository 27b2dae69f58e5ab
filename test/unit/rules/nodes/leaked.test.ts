import assert from 'node:assert/strict';

import { isLeaked, uploadsKnown, type KnownNode } from '../../../../shared/rules/nodes/leaked.ts';
import { leakableResource as resource } from '../../../support/leakable-resource.ts';

const NO_UPLOADS = uploadsKnown([]);

describe('isLeaked', () => {
  const nodes: Record<string, KnownNode | 'unreadable'> = {
    known: { state: 'ready', external_id: 'other' },
    corrupt: 'unreadable',
  };
  const uploads = uploadsKnown([
    { build: 'b1', upload: '0000000001' },
    { build: 'b2', upload: '0000000002' },
  ]);
  const known = { nodeOf: (id: string) => nodes[id], hasUpload: uploads };
  const ofUpload = (build?: string, upload?: string) => ({
    ...{ nodepool_node_id: undefined, nodepool_build_id: build, nodepool_upload_id: upload },
  });
  for (const [what, tags, isTrue] of [
    ['what has our tags and no node', {}, true],
    ['what belongs to a node', { nodepool_node_id: 'known' }, false],
    ['what belongs to a node whose record says nothing', { nodepool_node_id: 'corrupt' }, false],
    ['what belongs to another provider', { nodepool_provider_name: 'other' }, false],
    ['what has no node in its tags', { nodepool_node_id: undefined }, false],
    ['what has no provider in its tags', { nodepool_provider_name: undefined }, false],
    ['what belongs to an upload', ofUpload('b1', '0000000001'), false],
    ['what belongs to no upload', ofUpload('b1', '0000000003'), true],
    ['what belongs to an upload of another build', ofUpload('b1', '0000000002'), true],
    [
      'what belongs to an upload of another provider',
      { ...ofUpload('b1', '0000000003'), nodepool_provider_name: 'other' },
      false,
    ],
    ['what has no upload in its tags', ofUpload('b3'), false],
    ['what has no build in its tags', ofUpload(undefined, '0000000003'), false],
    [
      'what belongs to a node, made of an image that is no more',
      { ...ofUpload('b3', '0000000003'), nodepool_node_id: 'known' },
      false,
    ],
    [
      'what belongs to no node, made of an image that there is',
      { ...ofUpload('b1', '0000000001'), nodepool_node_id: 'gone' },
      true,
    ],
  ] as const) {
    it(`is ${isTrue} of ${what}`, () => {
      assert.equal(isLeaked(resource('r', tags), 'cloud', known), isTrue);
    });
  }
});

describe('a machine beside that of its node', () => {
  const both = { host: 'h', instance: 'i' };
  for (const [what, state, has, id, isTrue] of [
    ['is leaked once the node is ready', 'ready', 'mine', 'second', true],
    ['is leaked while the node is used', 'in-use', 'mine', 'second', true],
    ['may be the next one while the node is building', 'building', 'mine', 'second', false],
    ['is left to the deletion of the node', 'deleting', 'mine', 'second', false],
    ['is not told where the node has none', 'ready', null, 'second', false],
    ['is none where it is the node’s own', 'ready', 'mine', 'mine', false],
    ['is none where it is a part of the node’s', 'ready', both, { instance: 'i' }, false],
    ['is none where the node’s is written as a text', 'ready', 'i', { instance: 'i' }, false],
    ['is none where only the part is written as a text', 'ready', both, 'h', false],
    ['is leaked on the same host', 'ready', both, { instance: 'i2', host: 'h' }, true],
    ['is leaked on a host of its own', 'ready', both, { host: 'h2' }, true],
    ['is not told without an id of its own', 'ready', 'mine', undefined, false],
  ] as const) {
    it(what, () => {
      const one = { ...resource('r'), ...(id !== undefined && { externalId: id }) };
      const node = { state, external_id: has };
      const known = { nodeOf: () => node, hasUpload: NO_UPLOADS };
      assert.equal(isLeaked(one, 'cloud', known), isTrue);
    });
  }
});
