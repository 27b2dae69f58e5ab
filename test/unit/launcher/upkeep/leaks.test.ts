import assert from 'node:assert/strict';

import type { Context } from '../../../../launcher/context.ts';
import type { ProviderRuntime } from '../../../../launcher/providers/provider-runtime.ts';
import { LeakFinder } from '../../../../launcher/upkeep/leaks.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { LeakableResource } from '../../../../shared/drivers/driver.ts';
import { CollectingMetrics } from '../../../support/collecting-metrics.ts';
import { leakableResource as resource } from '../../../support/leakable-resource.ts';

describe('the finder of leaks', () => {
  let listed: LeakableResource[];
  let deleted: string[];
  let metrics: CollectingMetrics;
  let known: Set<string>;
  let finder: LeakFinder;
  let refuses: boolean;
  beforeEach(() => {
    [listed, deleted, known, refuses] = [[], [], new Set(), false];
    metrics = new CollectingMetrics();
    finder = new LeakFinder();
  });

  function sweep(name = 'cloud'): Promise<void> {
    const leaks = {
      list: () => Promise.resolve(listed),
      delete: ({ id }: LeakableResource) => {
        if (refuses) return Promise.reject(new Error('not now'));
        deleted.push(id);
        return Promise.resolve();
      },
    };
    const context = {
      store: { nodes: { get: (id: string) => (known.has(id) ? { record: {} } : undefined) } },
      metrics,
    };
    const provider = { name, connection: { leaks }, signal: undefined, log: silentLogger };
    return finder.sweep(context as unknown as Context, provider as unknown as ProviderRuntime);
  }

  it('deletes what is leaked in two rounds, and counts it', async () => {
    listed = [resource('r')];
    await sweep();
    assert.deepEqual(deleted, []);
    await sweep();
    assert.deepEqual(deleted, ['r']);
    assert.deepEqual(metrics.lines, ['nodepool.provider.cloud.leaked.instances:1|c']);
  });

  it('forgets what was gone, or had a node, in between', async () => {
    listed = [resource('r'), resource('s', { nodepool_node_id: '2' })];
    await sweep();
    known.add('2');
    listed = [resource('s', { nodepool_node_id: '2' })];
    await sweep();
    known.clear();
    listed = [resource('r'), resource('s', { nodepool_node_id: '2' })];
    await sweep();
    assert.deepEqual(deleted, []);
  });

  it('tells resources of two kinds with the same id apart', async () => {
    listed = [{ ...resource('r'), kind: 'ports' }];
    await sweep();
    listed = [resource('r')];
    await sweep();
    assert.deepEqual(deleted, []);
  });

  it('keeps providers apart', async () => {
    listed = [resource('r')];
    await sweep();
    listed = [];
    await sweep('other');
    listed = [resource('r')];
    await sweep();
    assert.deepEqual(deleted, ['r']);
  });

  it('tries again in the next round what could not be deleted', async () => {
    listed = [resource('r')];
    await sweep();
    refuses = true;
    await sweep();
    assert.deepEqual([deleted, metrics.lines], [[], []]);
    refuses = false;
    await sweep();
    assert.deepEqual(deleted, ['r']);
  });
});
