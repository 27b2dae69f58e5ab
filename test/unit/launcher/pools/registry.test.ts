import assert from 'node:assert/strict';

import { PoolRegistry } from '../../../../launcher/pools/registry.ts';
import { componentSchema, type ComponentRecord } from '../../../../schemas/records/component.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { ComponentStore } from '../../../../shared/store/components.ts';
import { RecordCache } from '../../../../shared/store/record-cache.ts';
import { FakeTree } from '../../../support/launcher-world.ts';

function registryOn(tree: FakeTree): PoolRegistry {
  const cache = new RecordCache<ComponentRecord>({
    tree: tree.cache,
    schema: componentSchema,
    isRecord: () => true,
    log: silentLogger,
  });
  const components = {
    cache,
    ofKind: (kind: string) => [...cache.values()].filter(({ record }) => record.kind === kind),
  };
  return new PoolRegistry(components as unknown as ComponentStore);
}

const pool = { kind: 'pool', hostname: 'h', state: 'running', id: 'p1', provider_name: 'cloud' };

describe('the registry of pools', () => {
  let tree: FakeTree;
  let registry: PoolRegistry;
  beforeEach(() => {
    tree = new FakeTree();
    registry = registryOn(tree);
  });

  it('knows pools only, not launchers or builders', () => {
    tree.put('/c/1', { ...pool, supported_labels: ['a'], priority: 7, paused: true });
    tree.put('/c/2', { ...pool, kind: 'launcher' });
    tree.put('/c/3', { ...pool, kind: 'builder' });
    assert.deepEqual(registry.all(), [
      { id: 'p1', provider: 'cloud', labels: new Set(['a']), priority: 7, isPaused: true },
    ]);
    assert.deepEqual(registry.ids(), ['p1']);
  });

  it('fills in what a pool does not say, with the priority of everybody', () => {
    tree.put('/c/1', { kind: 'pool', id: 'bare' });
    assert.deepEqual(registry.all(), [
      { id: 'bare', provider: '', labels: new Set(), priority: 100, isPaused: false },
    ]);
  });

  it('leaves out pools without an id, as nobody could see them decline', () => {
    tree.put('/c/1', { ...pool, id: undefined });
    assert.deepEqual(registry.all(), []);
  });

  it('follows every change', () => {
    assert.equal(registry.isOnline('p1'), false);
    tree.put('/c/1', pool);
    assert.equal(registry.isOnline('p1'), true);
    tree.put('/c/1', { ...pool, paused: true });
    assert.equal(registry.all()[0]?.isPaused, true);
    tree.remove('/c/1');
    assert.equal(registry.isOnline('p1'), false);
  });

  it('tells who has all of the labels', () => {
    tree.put('/c/1', { ...pool, supported_labels: ['a', 'b'] });
    tree.put('/c/2', { ...pool, id: 'p2', supported_labels: ['b', 'c'] });
    const having = (...labels: string[]): string[] =>
      registry.withLabels(labels).map(({ id }) => id);
    assert.deepEqual(
      [having('a'), having('b'), having('a', 'b'), having('a', 'c'), having('x'), having()],
      [['p1'], ['p1', 'p2'], ['p1'], [], [], ['p1', 'p2']],
    );
    tree.put('/c/1', { ...pool, supported_labels: ['c'] });
    assert.deepEqual([having('a'), having('b'), having('c')], [[], ['p2'], ['p2', 'p1']]);
    tree.remove('/c/2');
    assert.deepEqual([having('b'), having('c'), registry.ids()], [[], ['p1'], ['p1']]);
  });

  it('takes a pool that is registered twice for one until both entries are gone', () => {
    tree.put('/c/1', pool);
    tree.put('/c/2', pool);
    tree.remove('/c/1');
    assert.equal(registry.isOnline('p1'), true);
    tree.remove('/c/2');
    assert.equal(registry.isOnline('p1'), false);
  });

  it('answers the same list while nothing changes', () => {
    tree.put('/c/1', pool);
    assert.equal(registry.all(), registry.all());
  });
});
