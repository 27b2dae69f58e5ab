import assert from 'node:assert/strict';

import {
  instanceName,
  isInstanceName,
  isOwnedBy,
  lastPart,
  metadataOf,
} from '../../../../shared/drivers/gce/ids.ts';
import { instance } from './shown.ts';

describe('gce: ids', () => {
  it('of launches are host names, of later attempts with their number', () => {
    assert.equal(instanceName('np0000000001', 1), 'np0000000001');
    assert.equal(instanceName('np0000000001', 3), 'np0000000001-3');
  });

  for (const [id, is] of [
    ['np0000000001-2', true],
    ['a', true],
    ['', false],
    ['Np1', false],
    ['1np', false],
    ['np-', false],
    ['np/../x', false],
    ['n'.repeat(64), false],
    [{ instance: 'np1' }, false],
  ] as const)
    it(`${JSON.stringify(id)} is ${is ? 'a' : 'no'} name of an instance`, () => {
      assert.equal(isInstanceName(id), is);
    });

  it('of links are their last parts', () => {
    assert.equal(lastPart('https://host/projects/p/zones/europe-west4-a'), 'europe-west4-a');
    assert.equal(lastPart('n1-standard-1'), 'n1-standard-1');
  });

  it('of owners are provider and node', () => {
    const one = instance({ nodepool_provider_name: 'p', nodepool_node_id: '1' });
    assert.ok(isOwnedBy(one, { provider: 'p', nodeId: '1' }));
    assert.ok(!isOwnedBy(one, { provider: 'q', nodeId: '1' }));
    assert.ok(!isOwnedBy(one, { provider: 'p', nodeId: '2' }));
    assert.deepEqual(metadataOf({ ...one, metadata: null }), {});
  });
});
