import assert from 'node:assert/strict';
import { settle } from '../../../../fixtures/clock.ts';
import { placeOn } from '../../../../launcher/borrowing/place-on.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { BorrowedNode } from '../../../../shared/drivers/driver.ts';
import type { OwnedNode } from '../../../../shared/store/nodes.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const OWNER = 'NodePool:metastatic:meta';
/** Their session: what they do is done before our next request, and we hear of it later. */
const OTHERS = 999n;
const isChanged = (error: unknown): boolean => hasCode(error, 'NP_NODE_CHANGED');

describe('placing a node on a borrowed one', () => {
  let world: StoreWorld;
  let host: string;
  let node: OwnedNode;

  beforeEach(async () => {
    world = await StoreWorld.start();
    const user_data = JSON.stringify({ owner: OWNER, label: 'slot' });
    const stored = await world.node({ state: 'in-use', user_data });
    host = stored.id;
    const options = { identifier: OWNER, isEphemeral: false };
    await new Lock(world.other, `${stored.path}/lock`, options).tryAcquire();
    await settle();
    node = await world.takenNode({ state: 'building', provider: 'meta' });
  });

  function seen(): BorrowedNode {
    const loan = world.store.loans.get(host);
    assert.ok(loan);
    return { id: host, revision: loan.node.version, data: {}, machine: { interfaceIp: null } };
  }

  const placed = (owned: OwnedNode): unknown =>
    (world.read(owned.path) as { external_id: unknown }).external_id;

  it('writes the node and makes all that was seen of the other old', async () => {
    const before = seen();
    const record = world.read(`/nodepool/nodes/${host}`);
    await placeOn(world, node, { external_id: 'here' }, before);
    assert.equal(placed(node), 'here');
    assert.deepEqual(world.read(`/nodepool/nodes/${host}`), record);
    const second = await world.takenNode({ state: 'building' });
    await assert.rejects(placeOn(world, second, { external_id: 'here' }, before), isChanged);
    await placeOn(world, second, { external_id: 'here' }, seen());
  });

  it('writes nothing when somebody else has made a step of which is not known yet', async () => {
    const before = seen();
    const path = `/nodepool/nodes/${host}`;
    const data = Buffer.from(JSON.stringify(world.read(path)));
    world.server.write([{ op: 'set', path, data }], OTHERS);
    await assert.rejects(placeOn(world, node, { external_id: 'here' }, before), isChanged);
    assert.equal(placed(node), null);
  });

  it('writes nothing when the lock was taken away', async () => {
    const before = seen();
    const lock = `/nodepool/nodes/${host}/lock`;
    const [child = ''] = (await world.other.children(lock)).children;
    world.server.write([{ op: 'delete', path: `${lock}/${child}` }], OTHERS);
    await assert.rejects(placeOn(world, node, { external_id: 'here' }, before), isChanged);
    assert.equal(placed(node), null);
  });

  it('does not blame the borrowed node for the loss of its own lock', async () => {
    world.server.write([{ op: 'delete', path: node.held.childPath }], OTHERS);
    const placing = placeOn(world, node, { external_id: 'here' }, seen());
    await assert.rejects(placing, (error) => !isChanged(error));
  });
});
