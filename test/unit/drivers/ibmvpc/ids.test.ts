import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  imageGroupName,
  isMachineName,
  machineName,
  nameProblem,
  poolGroupName,
  tagsOf,
} from '../../../../shared/drivers/ibmvpc/ids.ts';

/** What Python Nodepool reads in the name of a machine. */
const PYTHONS_NODE = /^np([0-9]+)$/;

describe('names in IBM VPC', () => {
  it('of machines are the node, and the attempt from the second on', () => {
    assert.equal(machineName('np0000000001', 1), 'np0000000001');
    assert.equal(machineName('np0000000001', 2), 'np0000000001-2');
  });

  it('tell node, provider and pool, whichever they are', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
    const number = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(name, name, number, fc.nat(), (provider, pool, attempt, id) => {
        const nodeId = String(id).padStart(10, '0');
        const machine = machineName(`np${nodeId}`, attempt);
        assert.ok(isMachineName(machine));
        assert.equal(PYTHONS_NODE.test(machine), attempt === 1);
        assert.deepEqual(tagsOf(machine, poolGroupName(provider, pool)), {
          nodepool_node_id: nodeId,
          nodepool_provider_name: provider,
          nodepool_pool_name: pool,
        });
        assert.deepEqual(tagsOf(`npimage${nodeId}`, imageGroupName(provider)), {
          nodepool_upload_id: nodeId,
          nodepool_provider_name: provider,
        });
      }),
    );
  });

  it('of others tell nothing', () => {
    assert.deepEqual(tagsOf('web-1', 'Default'), {});
    assert.deepEqual(tagsOf('np1x', undefined), {});
    assert.deepEqual(tagsOf('np0000000001', 'np_one'), { nodepool_node_id: '0000000001' });
    assert.deepEqual(tagsOf('x', 'np_a_b_c'), {});
  });

  it('of a form that is not ours are none', () => {
    for (const id of ['', 'A', '1a', '..', 'a/b', 'a_b', 'a-', 'x'.repeat(64), { host: 'h' }])
      assert.equal(isMachineName(id), false);
  });

  it('that groups cannot tell apart are a problem', () => {
    assert.equal(nameProblem('a-b', ['c.d']), undefined);
    assert.match(nameProblem('a_b', ['c', 'd_e']) ?? '', /a_b, d_e$/);
  });
});
