import assert from 'node:assert/strict';

import type { LeakableResource, Provider } from '../../../../shared/drivers/driver.ts';
import { Leaks, type LeakKind } from '../../../../shared/drivers/ibmvpc/leaks.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { ibmVpcSubject, PROVIDER, type IbmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;
const GROUP = `np_${PROVIDER}_main`;
const TAGS = { nodepool_provider_name: PROVIDER, nodepool_pool_name: 'main' };

describe('ibmvpc: leaks', () => {
  let subject: IbmVpcSubject;
  let provider: Provider;
  beforeEach(async () => {
    subject = ibmVpcSubject();
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(() => provider.close());

  const list = async (): Promise<readonly LeakableResource[]> =>
    (await settleByTurning(subject.clock, Promise.resolve(provider.leaks?.list(never())))) ?? [];
  const remove = (resource: LeakableResource): Promise<void> =>
    settleByTurning(subject.clock, Promise.resolve(provider.leaks?.delete(resource, never())));

  it('are machines by id and name, then addresses', async () => {
    const { plant } = subject.cloud;
    const address = plant.floatingIp({ name: 'np0000000002', group: GROUP });
    const machine = plant.instance({ name: 'np0000000001-2', group: GROUP });
    assert.deepEqual(await list(), [
      {
        ...{ kind: 'instances', id: machine.id, externalId: 'np0000000001-2' },
        metadata: { ...TAGS, nodepool_node_id: '0000000001' },
      },
      {
        ...{ kind: 'floatingips', id: address.id },
        metadata: { ...TAGS, nodepool_node_id: '0000000002' },
      },
    ]);
  });

  it('are not what goes already', async () => {
    const { plant } = subject.cloud;
    plant.instance({ name: 'np0000000001', group: GROUP, status: 'deleting' });
    assert.deepEqual(await list(), []);
  });

  it('of others have none of our tags', async () => {
    subject.cloud.plant.instance({ name: 'np0000000001' });
    const [one] = await list();
    assert.deepEqual(one?.metadata, { nodepool_node_id: '0000000001' });
  });

  it('are deleted by id, and for what is gone there is nothing to do', async () => {
    const { plant, counts } = subject.cloud;
    plant.instance({ name: 'np0000000001', group: GROUP });
    plant.floatingIp({ name: 'np0000000001', group: GROUP });
    const resources = await list();
    assert.equal(resources.length, 2);
    for (let times = 0; times < 2; times++) for (const one of resources) await remove(one);
    await subject.clock.advance(1000);
    assert.equal(subject.cloud.counts.instances + subject.cloud.counts.floatingIps, 0);
    assert.equal(counts.instances, 0);
  });

  it('of a kind that nobody knows any more are left', async () => {
    await remove({ kind: 'other', id: 'x', metadata: {} });
  });

  it('fail as a whole where one kind cannot be listed', async () => {
    const good: LeakKind = {
      kind: 'a',
      list: () => Promise.resolve([]),
      delete: () => Promise.resolve(),
    };
    const bad = { ...good, kind: 'b', list: () => Promise.reject(new Error('no')) };
    await assert.rejects(new Leaks([good, bad]).list(never()), /no/);
  });
});
