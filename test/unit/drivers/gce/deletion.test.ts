import assert from 'node:assert/strict';

import { never, openProvider, type OpenProvider } from './provider-subject.ts';

const NODE = '0000000001';
const TAGS = { nodepool_provider_name: 'gce-provider', nodepool_node_id: NODE };

describe('gce: the end of an instance', () => {
  let open: OpenProvider;
  afterEach(() => {
    open.close();
  });

  const begin = (externalId = `np${NODE}`, nodeId = NODE): Promise<void> =>
    open.provider.delete({ externalId, nodeId, driverData: null }, never());

  it('asks once, and waits until no listing shows it', async () => {
    open = await openProvider({ deleteSeconds: 20, lagSeconds: 3, ghostSeconds: 3 });
    await open.launch();
    const beganMs = open.clock.monotonic();
    await open.turn(begin());
    assert.ok(open.clock.monotonic() - beganMs >= 20_000);
    assert.equal(open.cloud.counts.instances, 0);
    assert.equal(open.count('DELETE instances/*'), 1);
    assert.equal(open.count('GET instances/*'), 0, 'the launch has seen whose it is');
  });

  it('whose answer is lost is begun once', async () => {
    open = await openProvider();
    await open.launch();
    open.cloud.arm({ call: 'DELETE instances/*', mode: 'lose', times: 2 });
    await open.turn(begin());
    assert.equal(open.cloud.counts.instances, 0);
  });

  it('is not that of an instance of another node, or of nobody that we know', async () => {
    open = await openProvider();
    const { plant } = open.cloud;
    plant.instance({ name: `np${NODE}`, metadata: { ...TAGS, nodepool_node_id: '9' } });
    plant.instance({ name: 'np0000000002' });
    await open.turn(begin());
    await open.turn(begin('np0000000002', '0000000002'));
    assert.equal(open.cloud.counts.instances, 2);
    assert.equal(open.count('DELETE instances/*'), 0);
    assert.equal(open.lines.length, 2);
  });

  it('comes without a node that is known, as for leaks, by its own tags', async () => {
    open = await openProvider();
    open.cloud.plant.instance({ name: `np${NODE}`, metadata: TAGS });
    await open.turn(begin(`np${NODE}`, ''));
    assert.equal(open.cloud.counts.instances, 0);
  });

  it('is nothing to do for what is not there, or can be no instance', async () => {
    open = await openProvider();
    await open.turn(begin());
    await open.turn(begin('NOT/one'));
    await open.turn(
      open.provider.delete({ externalId: { a: 'b' }, nodeId: NODE, driverData: null }, never()),
    );
    assert.equal(open.count('DELETE instances/*'), 0);
  });

  it('is not over where a listing does not show the instance yet', async () => {
    open = await openProvider({ lagSeconds: 30, createSeconds: 60, deleteSeconds: 40 });
    const controller = new AbortController();
    const launching = open.provider.launch?.(open.specOf(), controller.signal);
    const ended = assert.rejects(Promise.resolve(launching));
    await open.clock.advance(1000);
    assert.equal(open.cloud.counts.instances, 1);
    controller.abort(new Error('enough'));
    await ended;
    await open.turn(begin());
    assert.equal(open.cloud.counts.instances, 0);
  });

  it('asks again where Google is busy with the instance', async () => {
    open = await openProvider();
    await open.launch();
    open.cloud.arm({
      ...{ call: 'DELETE instances/*', mode: 'fail', status: 400, code: 'resourceNotReady' },
      times: 2,
    });
    const beganMs = open.clock.monotonic();
    await open.turn(begin());
    assert.ok(open.clock.monotonic() - beganMs < 60_000);
    assert.equal(open.count('DELETE instances/*'), 3);
    assert.equal(open.cloud.counts.instances, 0);
  });

  it('waits with the one who has begun it, whose order keeps ours away', async () => {
    open = await openProvider({ secondDelete: 'notReady', deleteSeconds: 60 });
    await open.launch();
    await open.turn(Promise.all([begin(), begin()]));
    assert.equal(open.cloud.counts.instances, 0);
    assert.ok(open.count('DELETE instances/*') < 10);
  });

  it('asks again where the instance stays', async () => {
    open = await openProvider();
    await open.launch();
    const { cloud } = open;
    cloud.hold('delete');
    const deleting = begin();
    await open.clock.advance(200_000);
    assert.equal(open.count('DELETE instances/*'), 1);
    await open.clock.advance(200_000);
    assert.equal(open.count('DELETE instances/*'), 2);
    cloud.release('delete');
    await open.turn(deleting);
    assert.equal(cloud.counts.instances, 0);
  });

  it('costs a hundred no more listings than one', async () => {
    open = await openProvider({ deleteSeconds: 20 });
    const nodes = Array.from({ length: 100 }, (_, index) => String(index).padStart(10, '0'));
    for (const nodeId of nodes)
      open.cloud.plant.instance({
        name: `np${nodeId}`,
        metadata: { ...TAGS, nodepool_node_id: nodeId },
      });
    await open.turn(open.provider.listInstances(never()));
    open.cloud.calls.length = 0;
    await open.turn(Promise.all(nodes.map((nodeId) => begin(`np${nodeId}`, nodeId))));
    assert.equal(open.cloud.counts.instances, 0);
    assert.equal(open.count('DELETE instances/*'), 100);
    assert.equal(open.count('GET instances/*'), 0);
    assert.ok(open.count('GET instances') <= 40, `${open.count('GET instances')} listings`);
  });
});
