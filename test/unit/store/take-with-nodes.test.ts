import assert from 'node:assert/strict';
import { hasLabel } from '../../../shared/base/errors.ts';
import { NODES, nodePath, requestLockPath, requestPath } from '../../../shared/store/paths.ts';
import type { StoredRequest } from '../../../shared/store/requests.ts';
import { takeWithNodes, type TakenWithNodes } from '../../../shared/store/take-with-nodes.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { eventually } from '../../support/eventually.ts';
import { StoreWorld } from '../../support/fake-store.ts';
import { node } from '../../support/launcher-world.ts';

describe('taking a request with the nodes that will be launched for it', () => {
  let world: StoreWorld;
  let request: StoredRequest;
  beforeEach(async () => {
    world = await StoreWorld.start();
    request = await world.request({ node_types: ['small', 'large'] });
    world.transactions.length = 0;
  });

  const records = ['small', 'large'].map((label) => node({ state: 'init', type: [label] }));
  const takeIt = (nodes = records): Promise<TakenWithNodes | undefined> =>
    takeWithNodes(world.store, request, { patch: { state: 'pending' }, nodes });
  const nodesMade = (): readonly string[] => world.server.znodes.children(NODES).children;

  it('takes one transaction, after which the caches know all of it and nothing is read', async () => {
    const taken = await takeIt();
    assert.ok(taken);
    const together = world.transactions.filter((ops) => ops.some((op) => op.startsWith('set')));
    assert.equal(together.length, 1);
    assert.equal(taken.request.record.state, 'pending');
    assert.equal(world.store.requests.get(request.id)?.record.state, 'pending');
    assert.deepEqual(
      taken.nodes.map(({ id }) => (world.read(nodePath(id)) as { type: string[] }).type),
      [['small'], ['large']],
    );
    for (const made of taken.nodes) assert.deepEqual(world.store.nodes.get(made.id), made);
    assert.equal(world.client.sent.get('get'), undefined);
  });

  it('makes nodes that can be taken as they are, and a request that can be written', async () => {
    const taken = await takeIt();
    assert.ok(taken);
    for (const made of taken.nodes) {
      assert.ok(await world.store.nodes.take(made, { state: 'building' }));
    }
    await world.store.transaction().set(taken.request, { state: 'requested' }).commit();
    assert.equal(world.stateOf(request), 'requested');
  });

  it('works without nodes', async () => {
    const taken = await takeIt([]);
    assert.deepEqual(taken?.nodes, []);
    assert.deepEqual(nodesMade(), []);
  });

  it('makes nothing where somebody else has the lock', async () => {
    const lock = new Lock(world.other, requestLockPath(request.id));
    assert.ok(await lock.tryAcquire({ createParents: true }));
    assert.equal(await takeIt(), undefined);
    assert.deepEqual(nodesMade(), []);
  });

  it('makes nothing where the request has changed or is gone', async () => {
    await world.other.set(requestPath(request.id), Buffer.from(JSON.stringify(request.record)));
    assert.equal(await takeIt(), undefined);
    await world.deleteRequest(request.id);
    assert.equal(await takeIt(), undefined);
    assert.deepEqual(nodesMade(), []);
  });

  it('leaves the request unlocked where the answer is lost; the caches see what was made', async () => {
    const taking = takeIt();
    world.lose('answer');
    await assert.rejects(taking, (error) => hasLabel(error, 'ambiguous'));
    await eventually(() => {
      assert.deepEqual(world.server.znodes.children(requestLockPath(request.id)).children, []);
    });
    assert.equal(nodesMade().length, 2);
    await eventually(() => {
      for (const id of nodesMade()) assert.equal(world.store.nodes.get(id)?.record.state, 'init');
    });
  });
});
