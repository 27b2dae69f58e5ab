import assert from 'node:assert/strict';

import { PoolRegistry } from '../../../../launcher/pools/registry.ts';
import { componentSchema, type ComponentRecord } from '../../../../schemas/records/component.ts';
import type { DrainKind } from '../../../../schemas/records/drain.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { ComponentStore } from '../../../../shared/store/components.ts';
import { RecordCache } from '../../../../shared/store/record-cache.ts';
import { FakeTree } from '../../../support/launcher-world.ts';

function registryOn(tree: FakeTree, drains: FakeDrains): PoolRegistry {
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
  return new PoolRegistry(components as unknown as ComponentStore, drains);
}

/** What is drained, as a test says. */
class FakeDrains {
  readonly drained = new Set<string>();
  tell: () => void = () => undefined;

  isDrained(kind: DrainKind, name: string): boolean {
    return this.drained.has(`${kind} ${name}`);
  }

  onChange(listener: (change: never) => void): () => void {
    this.tell = () => {
      listener(undefined as never);
    };
    return () => undefined;
  }
}

const pool = { kind: 'pool', hostname: 'h', state: 'running', id: 'p1', provider_name: 'cloud' };

describe('the registry of pools', () => {
  let tree: FakeTree;
  let drains: FakeDrains;
  let registry: PoolRegistry;
  beforeEach(() => {
    tree = new FakeTree();
    drains = new FakeDrains();
    registry = registryOn(tree, drains);
  });

  it('knows pools only, not launchers or builders', () => {
    tree.put('/c/1', { ...pool, supported_labels: ['a'], priority: 7, paused: true });
    tree.put('/c/2', { ...pool, kind: 'launcher' });
    tree.put('/c/3', { ...pool, kind: 'builder' });
    assert.deepEqual(registry.all(), [
      {
        id: 'p1',
        provider: 'cloud',
        labels: new Set(['a']),
        priority: 7,
        isPaused: true,
        isDrained: false,
      },
    ]);
    assert.deepEqual(registry.ids(), ['p1']);
  });

  it('fills in what a pool does not say, with the priority of everybody', () => {
    tree.put('/c/1', { kind: 'pool', id: 'bare' });
    assert.deepEqual(registry.all(), [
      {
        id: 'bare',
        provider: '',
        labels: new Set(),
        priority: 100,
        isPaused: false,
        isDrained: false,
      },
    ]);
  });

  it('leaves out pools without an id, as nobody could see them decline', () => {
    tree.put('/c/1', { ...pool, id: undefined });
    assert.deepEqual(registry.all(), []);
  });

  it('knows which pools are drained, by their provider or their launcher', () => {
    tree.put('/c/1', { ...pool, id: 'a' });
    tree.put('/c/2', { ...pool, id: 'b', provider_name: 'other' });
    tree.put('/c/3', { ...pool, id: 'c', provider_name: 'other', hostname: 'h2' });
    const drained = (...names: string[]): string[] => {
      drains.drained.clear();
      for (const name of names) drains.drained.add(name);
      drains.tell();
      return registry.all().flatMap((one) => (one.isDrained ? [one.id] : []));
    };
    assert.deepEqual(drained('provider other'), ['b', 'c']);
    assert.deepEqual(drained('launcher h'), ['a', 'b']);
    assert.deepEqual(drained('launcher cloud', 'provider h'), []);
    assert.equal(registry.all().length, 3);
    drained('provider cloud');
    tree.put('/c/1', { ...pool, id: 'a', paused: true });
    assert.equal(registry.all().find(({ id }) => id === 'a')?.isDrained, true);
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
