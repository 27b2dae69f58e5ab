import assert from 'node:assert/strict';

import { settle } from '../../../../fixtures/clock.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { ExternalId } from '../../../../shared/drivers/driver.ts';
import { Deletions } from '../../../../shared/drivers/aws/deletion.ts';
import { hostListing, instanceListing } from '../../../../shared/drivers/aws/instance-list.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const TERMINATE = 'TerminateInstances';
const RELEASE = 'ReleaseHosts';
const LIST = 'DescribeInstances';
const GONE = 'i-0123456789abcdef0';
const nodeId = '0000000001';

async function subject() {
  const { clock, cloud, services } = await servicesSubject({ deleteSeconds: 5 });
  const { compute } = services;
  const batches: (readonly string[])[] = [];
  const terminate = compute.terminate.bind(compute);
  compute.terminate = (ids, signal) => {
    batches.push(ids);
    return terminate(ids, signal);
  };
  const deletions = new Deletions({
    compute,
    instances: instanceListing({ compute, clock, pollSeconds: 1 }),
    hosts: hostListing({ compute, clock, pollSeconds: 1 }),
  });
  const begin = (externalId: ExternalId, signal = never()): Promise<void> =>
    deletions.run({ externalId, nodeId, driverData: null }, signal);
  return {
    ...{ clock, cloud, deletions, batches, begin },
    remove: (...ids: readonly ExternalId[]) =>
      settleByTurning(clock, Promise.all(ids.map((id) => begin(id)))),
  };
}

describe('the end of an instance', () => {
  it('is over when no listing shows it any more', async () => {
    const { clock, cloud, begin } = await subject();
    const id = cloud.plant.instance();
    cloud.hold('delete');
    let isOver = false;
    const ending = begin(id).then(() => {
      isOver = true;
    });
    await clock.advance(60_000);
    assert.equal(isOver, false);
    cloud.release('delete');
    await settleByTurning(clock, ending);
    assert.equal(countOf(cloud, TERMINATE), 1);
    assert.equal(cloud.counts.instances, 0);
  });

  it('of many costs few calls, and the listings of one', async () => {
    const { cloud, remove, batches } = await subject();
    const ids = Array.from({ length: 120 }, () => cloud.plant.instance());
    await remove(...ids);
    assert.equal(cloud.counts.instances, 0);
    assert.deepEqual(
      batches.map(({ length }) => length),
      [50, 50, 20],
    );
    assert.ok(countOf(cloud, LIST) < 12, String(countOf(cloud, LIST)));
  });

  it('does not wait for others', async () => {
    const { cloud, begin, clock } = await subject();
    void begin(cloud.plant.instance());
    await settle();
    assert.equal(clock.monotonic(), 0);
    assert.equal(countOf(cloud, TERMINATE), 1);
  });

  it('that AWS does not know is over, and hurts no other', async () => {
    const { cloud, remove } = await subject();
    const others = [cloud.plant.instance(), cloud.plant.instance()];
    await remove(GONE, ...others, 'i-0123456789abcdef1');
    assert.equal(cloud.counts.instances, 0);
  });

  it('that AWS refuses hurts no other', async () => {
    const { clock, cloud, begin, remove } = await subject();
    const [wanted, other] = [cloud.plant.instance(), cloud.plant.instance()];
    cloud.arm({
      call: TERMINATE,
      mode: 'fail',
      status: 400,
      code: 'OperationNotPermitted',
      times: 2,
    });
    const refused = begin(wanted);
    const failing = assert.rejects(refused, (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    await remove(other);
    await settleByTurning(clock, failing);
    assert.deepEqual(
      cloud.instances.alive().map(({ id }) => id),
      [wanted],
    );
  });

  it('is asked for nothing where the id is none', async () => {
    const { cloud, remove } = await subject();
    await remove('', 'np0000000001', { host: 'h', instance: null });
    assert.deepEqual(cloud.calls, []);
  });
});

describe('the release of a host', () => {
  it('comes after the end of its instance, and is over when no listing shows it', async () => {
    const { clock, cloud, begin, remove } = await subject();
    const host = cloud.plant.host();
    const instance = cloud.plant.instance({ hostId: host });
    await remove({ instance, host });
    assert.equal(cloud.counts.instances + cloud.counts.hosts, 0);
    assert.equal(countOf(cloud, RELEASE), 1);
    const changing = cloud.calls.filter((call) => [TERMINATE, RELEASE].includes(call));
    assert.deepEqual(changing, [TERMINATE, RELEASE]);

    const other = cloud.plant.host();
    cloud.hold('delete');
    let isOver = false;
    const ending = begin({ host: other }).then(() => {
      isOver = true;
    });
    await clock.advance(60_000);
    assert.equal(isOver, false);
    cloud.release('delete');
    await settleByTurning(clock, ending);
  });

  it('that AWS does not know is over', async () => {
    const { cloud, remove } = await subject();
    await remove({ host: 'h-0123456789abcdef0' });
    assert.equal(countOf(cloud, RELEASE), 1);
  });

  it("ends the node's instance on it, of which nobody was told", async () => {
    const { cloud, remove } = await subject();
    const host = cloud.plant.host();
    cloud.plant.instance({ hostId: host, tags: { nodepool_node_id: nodeId } });
    const other = cloud.plant.instance({ tags: { nodepool_node_id: nodeId } });
    await remove({ host });
    assert.equal(cloud.counts.hosts, 0);
    assert.deepEqual(
      cloud.instances.alive().map(({ id }) => id),
      [other],
    );
  });

  it('fails after a while where somebody else has an instance on it, which stays', async () => {
    const { clock, cloud, begin } = await subject();
    const host = cloud.plant.host();
    cloud.plant.instance({ hostId: host, tags: { nodepool_node_id: '0000000002' } });
    const failing = assert.rejects(begin({ host }), (error) =>
      hasCode(error, 'NP_CLOUD_TRANSIENT'),
    );
    await settleByTurning(clock, failing);
    assert.equal(cloud.counts.instances, 1);
    assert.equal(countOf(cloud, RELEASE), 5);
  });
});

describe('deletions', () => {
  it('end when they are given up, or the provider is closed', async () => {
    const { clock, cloud, begin, deletions } = await subject();
    cloud.hold('delete');
    const controller = new AbortController();
    const given = begin(cloud.plant.instance(), controller.signal);
    await clock.advance(3000);
    controller.abort(new Error('given up'));
    await assert.rejects(given, (error) => hasCode(error, 'NP_ABORTED'));
    deletions.close();
    await assert.rejects(deletions.terminate(GONE, never()), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
  });
});
