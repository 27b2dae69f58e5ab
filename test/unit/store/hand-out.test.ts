import assert from 'node:assert/strict';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import type { RequestRecord } from '../../../schemas/records/request.ts';
import { handOut } from '../../../shared/store/hand-out.ts';
import type { StoredNode } from '../../../shared/store/nodes.ts';
import {
  nodeLockPath,
  nodePath,
  requestLockPath,
  requestPath,
} from '../../../shared/store/paths.ts';
import type { StoredRequest } from '../../../shared/store/requests.ts';
import { Lock } from '../../../shared/zookeeper/lock.ts';
import { StoreWorld } from '../../support/fake-store.ts';

describe('handing out ready nodes', () => {
  let world: StoreWorld;
  let request: StoredRequest;
  let nodes: StoredNode[];
  beforeEach(async () => {
    world = await StoreWorld.start();
    request = await world.request({ node_types: ['small', 'small'] });
    nodes = [await world.node({ state: 'ready' }), await world.node({ state: 'ready' })];
    world.transactions.length = 0;
  });

  const give = (): Promise<boolean> =>
    handOut(world.store, {
      request,
      fulfilled: { state: 'fulfilled', nodes: nodes.map(({ id }) => id) },
      nodes,
      reserved: { allocated_to: request.id },
    });
  const readRequest = (): RequestRecord => world.read(requestPath(request.id)) as RequestRecord;
  const readNode = (id: string): NodeRecord => world.read(nodePath(id)) as NodeRecord;
  const isUntouched = (): void => {
    assert.equal(readRequest().state, 'requested');
    for (const { id } of nodes) assert.equal(readNode(id).allocated_to, null);
  };

  it('takes one transaction, after which the caches know all of it and no lock is held', async () => {
    assert.equal(await give(), true);
    assert.equal(world.transactions.length, 1);
    assert.deepEqual(
      readRequest().nodes,
      nodes.map(({ id }) => id),
    );
    for (const { id } of nodes) {
      assert.equal(readNode(id).allocated_to, request.id);
      assert.equal(world.store.nodes.get(id)?.record.allocated_to, request.id);
      assert.deepEqual(world.server.znodes.children(nodeLockPath(id)).children, []);
    }
    assert.equal(world.store.requests.get(request.id)?.record.state, 'fulfilled');
  });

  it('works where the locks have been used before', async () => {
    for (const path of [requestLockPath(request.id), ...nodes.map(({ id }) => nodeLockPath(id))]) {
      const used = await new Lock(world.client, path).tryAcquire({ createParents: true });
      await used?.held.release();
    }
    assert.equal(await give(), true);
    assert.equal(readRequest().state, 'fulfilled');
  });

  it('does nothing while somebody has the lock of the request', async () => {
    const lock = new Lock(world.other, requestLockPath(request.id));
    assert.ok(await lock.tryAcquire({ createParents: true }));
    assert.equal(await give(), false);
    isUntouched();
  });

  it('does nothing while somebody has the lock of one of the nodes', async () => {
    assert.ok(await new Lock(world.other, nodeLockPath(nodes[1]?.id ?? '')).tryAcquire());
    assert.equal(await give(), false);
    isUntouched();
  });

  for (const what of ['the request', 'a node'] as const) {
    it(`does nothing where ${what} has changed since the decision`, async () => {
      const path = what === 'the request' ? request.path : (nodes[1]?.path ?? '');
      await world.other.set(path, Buffer.from(JSON.stringify(world.read(path))));
      assert.equal(await give(), false);
      isUntouched();
    });
  }

  it('does nothing for a request that is gone', async () => {
    await world.other.delete(request.path);
    assert.equal(await give(), false);
    for (const { id } of nodes) assert.equal(readNode(id).allocated_to, null);
  });
});
