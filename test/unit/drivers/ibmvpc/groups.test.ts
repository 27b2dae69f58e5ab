import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { CloudError, hasCode, NodepoolError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { ResourceGroup } from '../../../../shared/drivers/ibmvpc/client/model.ts';
import { Groups } from '../../../../shared/drivers/ibmvpc/groups.ts';

const never = (): AbortSignal => new AbortController().signal;

function subject(existing: readonly ResourceGroup[] = []) {
  const clock = new ManualClock();
  const all = [...existing];
  const calls: string[] = [];
  const script = { error: undefined as Error | undefined, byOthers: false };
  const resourceGroups = {
    list: () => {
      calls.push('list');
      return Promise.resolve([...all]);
    },
    create: (name: string) => {
      calls.push(`create ${name}`);
      if (script.error) return Promise.reject(script.error);
      const made = { id: `id-${name}`, name };
      all.push(made);
      return Promise.resolve(script.byOthers ? undefined : made);
    },
  };
  return {
    clock,
    calls,
    all,
    script,
    groups: new Groups({ resourceGroups, clock, log: silentLogger }),
  };
}

describe('resource groups', () => {
  it('are known by their names, and listed once for all', async () => {
    const { groups, calls } = subject([{ id: 'g', name: 'np_a_b', state: 'ACTIVE' }]);
    assert.equal(await groups.idOf('np_a_b', never()), 'g');
    assert.equal(await groups.idOf('np_a_b', never()), 'g');
    assert.deepEqual(calls, ['list']);
  });

  it('are made where they are missing, or going', async () => {
    const { groups, calls } = subject([{ id: 'old', name: 'np_a_b', state: 'SUSPENDED' }]);
    assert.equal(await groups.idOf('np_a_b', never()), 'id-np_a_b');
    assert.deepEqual(calls, ['list', 'create np_a_b']);
  });

  it('that somebody makes at the same time are taken', async () => {
    const { groups, calls, script } = subject();
    script.byOthers = true;
    assert.equal(await groups.idOf('np_a_b', never()), 'id-np_a_b');
    assert.deepEqual(calls, ['list', 'create np_a_b', 'list']);
  });

  it('that exist, but are never listed, are an error that may pass', async () => {
    const { groups, script, all } = subject();
    script.byOthers = true;
    all.push = () => 0;
    await assert.rejects(groups.idOf('np_a_b', never()), (error) =>
      hasCode(error, 'NP_CLOUD_TRANSIENT'),
    );
  });

  it('that we may not make are an error that says so', async () => {
    const { groups, script } = subject();
    script.error = new CloudError('NP_CLOUD_FATAL', 'not authorized');
    await assert.rejects(groups.idOf('np_a_b', never()), (error) => {
      assert.ok(error instanceof NodepoolError);
      assert.match(error.message, /np_a_b is missing, and cannot be made: not authorized/);
      assert.match(error.hint ?? '', /make it, or let/);
      return true;
    });
  });

  it('tell whose things are, by name or by id', async () => {
    const { groups, calls } = subject([{ id: 'g', name: 'npimages_a' }]);
    const named = { name: 'np0000000001', group: { id: '?', name: 'np_a_b' } };
    assert.deepEqual((await groups.tagged([named], never()))[0]?.tags, {
      nodepool_node_id: '0000000001',
      nodepool_provider_name: 'a',
      nodepool_pool_name: 'b',
    });
    assert.deepEqual(calls, []);
    const image = { name: 'npimage7', group: { id: 'g' } };
    const tagged = await groups.tagged([named, image], never());
    assert.deepEqual(tagged[1]?.tags, { nodepool_upload_id: '7', nodepool_provider_name: 'a' });
    assert.deepEqual(calls, ['list']);
  });

  it('that nobody knows tell nothing, and are not asked for all the time', async () => {
    const { groups, calls, clock, all } = subject();
    const foreign = { name: 'web', group: { id: 'other' } };
    for (let times = 0; times < 3; times++)
      assert.deepEqual((await groups.tagged([foreign], never()))[0]?.tags, {});
    assert.deepEqual(calls, ['list']);
    all.push({ id: 'other', name: 'npimages_a' });
    await clock.advance(300_000);
    const [known] = await groups.tagged([foreign], never());
    assert.equal(known?.tags.nodepool_provider_name, 'a');
  });

  it('are listed anew when what is known may be outdated', async () => {
    const { groups, calls, all } = subject([{ id: 'g', name: 'np_a_b' }]);
    await groups.idOf('np_a_b', never());
    all.splice(0, 1, { id: 'h', name: 'np_a_b' });
    groups.drop();
    assert.equal(await groups.idOf('np_a_b', never()), 'h');
    assert.deepEqual(calls, ['list', 'list']);
  });
});
