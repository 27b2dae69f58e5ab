import assert from 'node:assert/strict';
import { StoreWorld } from '../../support/fake-store.ts';

describe('what we make ourselves', () => {
  it('is in the cache without being read, nodes and requests alike', async () => {
    const world = await StoreWorld.start();
    const node = await world.takenNode();
    const request = await world.takenRequest();
    assert.equal(world.store.nodes.get(node.id)?.version, node.version);
    assert.equal(world.store.requests.get(request.id)?.version, request.version);
    assert.equal(world.client.sent.get('get'), undefined);
  });
});
