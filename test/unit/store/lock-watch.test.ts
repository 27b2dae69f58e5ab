import assert from 'node:assert/strict';

import { LockWatch } from '../../../shared/store/lock-watch.ts';
import { FakeTree, node } from '../../support/launcher-world.ts';

const NODES = '/nodepool/nodes';

describe('the watch on locks', () => {
  let tree: FakeTree;
  let locks: LockWatch;
  let told: string[];
  let end: () => void;
  beforeEach(() => {
    tree = new FakeTree();
    locks = new LockWatch(tree.cache, NODES);
    told = [];
    end = locks.onChange((id, contenders) => told.push(`${id}: ${contenders}`));
    tree.put(`${NODES}/1`, node());
    tree.presence(`${NODES}/1/lock`);
  });

  it('counts who holds or wants a lock, and tells of each who comes or goes', () => {
    tree.presence(`${NODES}/1/lock/a__lock__0000000001`);
    tree.presence(`${NODES}/1/lock/b__lock__0000000002`);
    assert.equal(locks.contenders('1'), 2);
    tree.remove(`${NODES}/1/lock/a__lock__0000000001`);
    tree.remove(`${NODES}/1/lock/b__lock__0000000002`);
    assert.deepEqual(told, ['1: 1', '1: 2', '1: 1', '1: 0']);
    assert.equal(locks.contenders('1'), 0);
  });

  it('is silent on nodes, on empty locks and on what else lies below a node', () => {
    tree.presence(`${NODES}/1/locksmith`);
    tree.presence(`${NODES}/1/other/child`);
    tree.put(`${NODES}/2`, node());
    assert.deepEqual(told, []);
    assert.equal(locks.contenders('2'), 0);
  });

  it('tells when a node goes with its lock still wanted', () => {
    tree.presence(`${NODES}/1/lock/a__lock__0000000001`);
    tree.remove(`${NODES}/1`);
    assert.deepEqual(told, ['1: 1', '1: 0']);
  });

  it('is silent after the end', () => {
    end();
    tree.presence(`${NODES}/1/lock/a__lock__0000000001`);
    assert.deepEqual(told, []);
  });
});
