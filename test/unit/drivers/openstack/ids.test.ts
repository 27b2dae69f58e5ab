import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  describe as describeTags,
  isServerId,
  readDescription,
  readNodeData,
} from '../../../../shared/drivers/openstack/ids.ts';

const UUID = '0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0';
const tags = { nodepool_node_id: '0000000007', nodepool_provider_name: 'cloud' };

describe('ids of servers', () => {
  it('are UUIDs', () => {
    assert.ok(isServerId(UUID));
    assert.ok(isServerId(UUID.toUpperCase()));
  });

  for (const other of [
    '',
    'np0000000007',
    `${UUID}0`,
    `x${UUID}`,
    UUID.replaceAll('-', ''),
    `${UUID}\n`,
  ])
    it(`are not ${JSON.stringify(other)}`, () => {
      assert.equal(isServerId(other), false);
    });

  it('are no objects', () => {
    assert.equal(isServerId({ id: UUID }), false);
  });
});

describe('the description of a floating IP', () => {
  it('gives back the tags that it was made of, and no others', () => {
    const all = { ...tags, nodepool_pool_name: 'main' };
    assert.deepEqual(readDescription(describeTags({ ...all, extra: 'x' })), all);
    assert.deepEqual(readDescription(describeTags(tags)), tags);
  });

  it('is never longer than neutron takes, and whole or empty', () => {
    const text = fc.string({ maxLength: 120 });
    fc.assert(
      fc.property(text, text, text, (id, provider, pool) => {
        const metadata = {
          nodepool_node_id: id,
          nodepool_provider_name: provider,
          nodepool_pool_name: pool,
        };
        const description = describeTags(metadata);
        assert.ok(description.length <= 255);
        if (description !== '') assert.deepEqual(readDescription(description), metadata);
        else assert.ok(JSON.stringify(metadata).length > 255);
      }),
    );
  });

  it('is whole up to 255 characters', () => {
    const sized = (length: number): string => {
      const rest = describeTags({ ...tags, nodepool_pool_name: '' }).length;
      return describeTags({ ...tags, nodepool_pool_name: 'p'.repeat(length - rest) });
    };
    assert.equal(sized(255).length, 255);
    assert.equal(sized(256), '');
  });

  it('is empty where the tags name no node', () => {
    assert.equal(describeTags({ nodepool_provider_name: 'cloud' }), '');
  });

  for (const foreign of [
    ...[undefined, null, '', 'mine', '{', '{}', 'null', '[]', '{"nodepool_node_id": "1"}'],
    '{"nodepool_node_id": 1, "nodepool_provider_name": "cloud"}',
    '{"nodepool_node_id": null, "nodepool_provider_name": "cloud"}',
    '{"Nodepool_node_id": "1", "nodepool_provider_name": "cloud"}',
    `see ${JSON.stringify(tags)}`,
    JSON.stringify([tags]),
  ])
    it(`is none of ours: ${JSON.stringify(foreign)}`, () => {
      assert.equal(readDescription(foreign), undefined);
    });
});

describe("what a node's driver data say of its floating IP", () => {
  it('is its id, or that there is none', () => {
    assert.deepEqual(readNodeData({ floating_ip: 'f', more: 1 }), { floating_ip: 'f' });
    assert.deepEqual(readNodeData({ floating_ip: null }), { floating_ip: null });
  });

  for (const unknown of [
    undefined,
    null,
    {},
    'f',
    [],
    { floating_ip: 5 },
    { floating_ip: undefined },
  ])
    it(`is nothing in ${JSON.stringify({ unknown })}`, () => {
      assert.equal(readNodeData(unknown), undefined);
    });
});
