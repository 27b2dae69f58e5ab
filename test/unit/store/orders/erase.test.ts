import assert from 'node:assert/strict';
import { eraseNode, eraseUploads } from '../../../../shared/store/orders/erase.ts';
import {
  buildPath,
  nodeLockPath,
  nodePath,
  uploadPath,
  uploadsLockPath,
} from '../../../../shared/store/paths.ts';
import type { StoredNode } from '../../../../shared/store/nodes.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const NOW = 1_700_000_100;

describe('erasing what ZooKeeper has of a provider', () => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await StoreWorld.start();
  });

  describe('nodes', () => {
    let node: StoredNode;
    beforeEach(async () => {
      node = await world.node({ state: 'in-use', hostname: 'np1' });
    });

    it('goes though somebody has the lock, and says so before the lock goes', async () => {
      const acquired = await new Lock(world.other, nodeLockPath(node.id)).tryAcquire();
      const seen: string[] = [];
      await world.other.addWatch('/nodepool/nodes', 'persistentRecursive', ({ type, path }) => {
        if (type !== 'childrenChanged')
          seen.push(`${type} ${path.slice('/nodepool/nodes/'.length)}`);
        if (type === 'dataChanged') seen.push(JSON.stringify(world.read(node.path)));
      });
      await eraseNode(world.client, node, NOW);
      // The answer comes behind all events.
      assert.equal(await world.other.exists(node.path), undefined);
      const child = acquired?.held.childPath.slice('/nodepool/nodes/'.length) ?? '';
      const record = { ...node.record, state: 'deleted', state_time: NOW };
      assert.deepEqual(seen, [
        `dataChanged ${node.id}`,
        JSON.stringify(record),
        `deleted ${child}`,
        `deleted ${node.id}/lock`,
        `deleted ${node.id}`,
      ]);
    });

    it('is done where the node went meanwhile, and brings nothing back', async () => {
      await world.other.deleteTree(node.path);
      await eraseNode(world.client, node, NOW);
      assert.equal(await world.other.exists(nodePath(node.id)), undefined);
    });
  });

  describe('uploads', () => {
    const build = { image: 'debian', build: 'b1' };
    const upload = (provider: string): string =>
      uploadPath({ ...build, provider, upload: '0000000001' });
    beforeEach(async () => {
      for (const provider of ['one', 'two']) await world.client.ensurePath(upload(provider));
      await world.client.ensurePath(`${uploadsLockPath(build, 'one')}/holder`);
    });

    it('go with their locks, and those of other providers stay', async () => {
      await eraseUploads(world.client, 'one', [build, { image: 'debian', build: 'gone' }]);
      const { children } = await world.client.children(`${buildPath(build)}/providers`);
      assert.deepEqual(children, ['two']);
      assert.ok(await world.client.exists(upload('two')));
    });

    for (const name of ['', '.', '..', 'one/images', '../..'])
      it(`stay where the provider's name is the path of something else: ${name}`, async () => {
        await eraseUploads(world.client, name, [build]);
        assert.ok(await world.client.exists(upload('one')));
        assert.ok(await world.client.exists(upload('two')));
      });
  });
});
