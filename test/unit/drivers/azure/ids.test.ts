import assert from 'node:assert/strict';

import {
  isMachineName,
  isOwnedBy,
  isPartOf,
  isSameId,
  machineName,
} from '../../../../shared/drivers/azure/ids.ts';

describe('azure: ids', () => {
  for (const name of ['np0000000001', 'np0000000001-2', 'a', 'A_b.c', 'x'.repeat(64)])
    it(`may be the name ${name}`, () => {
      assert.ok(isMachineName(name));
    });

  for (const id of ['', '..', 'a/b', '-a', 'a-', 'a b', 'ä', 'x'.repeat(65), { instance: 'a' }])
    it(`are no name: ${JSON.stringify(id)}`, () => {
      assert.ok(!isMachineName(id));
    });

  it('are the same in whatever case; what is missing is the same as nothing', () => {
    assert.ok(isSameId('/Subscriptions/A', '/subscriptions/a'));
    assert.ok(!isSameId('/a', '/b'));
    assert.ok(!isSameId(undefined, undefined));
    assert.ok(!isSameId('/a', undefined));
  });

  it('of machines are the host name, with the attempt from the second on', () => {
    assert.equal(machineName('np0000000001', 1), 'np0000000001');
    assert.equal(machineName('np0000000001', 2), 'np0000000001-2');
  });

  it('of nodes are known by provider and node', () => {
    const owner = { provider: 'one', nodeId: '0000000001' };
    const tags = { nodepool_provider_name: 'one', nodepool_node_id: '0000000001', more: 'x' };
    assert.ok(isOwnedBy(tags, owner));
    assert.ok(!isOwnedBy({ ...tags, nodepool_provider_name: 'two' }, owner));
    assert.ok(!isOwnedBy({ ...tags, nodepool_node_id: '0000000002' }, owner));
    assert.ok(!isOwnedBy({ nodepool_provider_name: 'one' }, owner));
    assert.ok(!isOwnedBy(undefined, owner));
  });

  it("tell a machine's parts from those of another attempt", () => {
    const machine = 'np0000000001';
    const parts = ['-nic', '-nic-1a2b', '-v4-ip', '-v6-ip-9f', '_OsDisk_1_ab', '_disk1_ab'];
    for (const part of parts) {
      assert.ok(isPartOf(machine, machine + part), part);
      assert.ok(isPartOf(machine, (machine + part).toUpperCase()), part);
      assert.ok(!isPartOf(machine, `${machine}-2${part}`), part);
      assert.ok(isPartOf(`${machine}-2`, `${machine}-2${part}`), part);
      assert.ok(!isPartOf(`${machine}-2`, machine + part), part);
    }
    assert.ok(!isPartOf(machine, machine));
  });
});
