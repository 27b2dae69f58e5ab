import assert from 'node:assert/strict';

import type { Actions } from '../../../../shared/web/admin/actions.ts';
import { storeActions } from '../../../../shared/web/admin/store-actions.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const { signal } = new AbortController();

describe('actions of operators', () => {
  let world: StoreWorld;
  let actions: Actions;
  beforeEach(async () => {
    world = await StoreWorld.start();
    actions = storeActions({
      ...{ client: world.client, clock: world.clock },
      diskimages: () =>
        new Map([
          ['debian', { isPaused: false }],
          ['fedora', { isPaused: true }],
        ]),
    });
  });

  it('hold a node with a comment, and delete it', async () => {
    const node = await world.node({ state: 'ready' });
    assert.deepEqual(await actions.holdNode(node.id, 'why', signal), {
      ...{ status: 200, message: `node ${node.id} is held` },
    });
    const { state, comment } = world.read(node.path) as { state: string; comment: string };
    assert.deepEqual([state, comment], ['hold', 'why']);
    assert.equal((await actions.deleteNode(node.id, signal)).status, 200);
    assert.equal(world.stateOf(node), 'deleting');
    assert.deepEqual(await actions.holdNode(node.id, undefined, signal), {
      ...{ status: 409, message: `node ${node.id} is deleting` },
    });
  });

  it('do not touch a node that somebody has, or that is not there', async () => {
    const owned = await world.takenNode({ state: 'in-use' });
    const held = actions.holdNode(owned.id, undefined, signal);
    await world.clock.advance(5000);
    assert.equal((await held).status, 409);
    assert.equal(world.stateOf(owned), 'in-use');
    for (const id of ['0000009999', 'x/y', '..', ''])
      assert.equal((await actions.deleteNode(id, signal)).status, 404, id);
  });

  it('pause, go on with and build images', async () => {
    assert.equal((await actions.pauseImage('debian', signal)).status, 404);
    assert.deepEqual(await actions.buildImage('debian', signal), {
      ...{ status: 200, message: 'image debian will be built' },
    });
    assert.equal(world.server.znodes.get('/nodepool/images/debian/request-build').data.length, 0);
    assert.equal((await actions.pauseImage('debian', signal)).status, 200);
    assert.match((await actions.buildImage('debian', signal)).message, /its pause is over/);
    assert.equal((await actions.unpauseImage('debian', signal)).status, 200);
    assert.equal((await actions.unpauseImage('debian', signal)).status, 409);
    assert.equal((await actions.buildImage('fedora', signal)).status, 409);
    for (const name of ['unknown', 'a/b', '..', '']) {
      assert.equal((await actions.buildImage(name, signal)).status, 404, name);
      assert.equal((await actions.pauseImage(name, signal)).status, 404, name);
    }
  });
});
