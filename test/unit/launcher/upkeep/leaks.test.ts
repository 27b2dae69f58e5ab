import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
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
  let corrupt: Set<string>;
  let uploads: { build: string; upload: string }[];
  let isCurrent: boolean;
  /** What a deletion does. */
  let act: (id: string) => Promise<void>;
  const clock = new ManualClock();
  beforeEach(() => {
    [listed, deleted, known, corrupt, uploads] = [[], [], new Set(), new Set(), []];
    isCurrent = true;
    act = () => Promise.resolve();
    metrics = new CollectingMetrics();
    finder = new LeakFinder();
  });

  function sweep(name = 'cloud'): Promise<void> {
    const leaks = {
      list: () => Promise.resolve(listed),
      delete: async ({ id }: LeakableResource) => {
        await act(id);
        deleted.push(id);
      },
    };
    const tree = { has: (path: string) => corrupt.has(path) };
    const nodes = {
      get: (id: string) => (known.has(id) ? { record: {} } : undefined),
      cache: { tree },
    };
    const images = {
      uploadsTo: (provider: string) => uploads.map((one) => ({ ...one, image: 'image', provider })),
    };
    const context = { store: { isCurrent, nodes, images }, metrics, clock };
    const { signal } = new AbortController();
    const provider = { name, connection: { leaks }, signal, log: silentLogger };
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
    act = () => Promise.reject(new Error('not now'));
    await sweep();
    assert.deepEqual([deleted, metrics.lines], [[], []]);
    act = () => Promise.resolve();
    await sweep();
    assert.deepEqual(deleted, ['r']);
  });

  it('deletes what is of no upload, and nothing that is of one', async () => {
    const tags = { nodepool_node_id: undefined, nodepool_build_id: 'b' };
    uploads = [{ build: 'b', upload: '0000000001' }];
    listed = ['0000000001', '0000000002'].map((upload) => ({
      ...resource(upload, { ...tags, nodepool_upload_id: upload }),
      kind: 'amis',
    }));
    await sweep();
    await sweep();
    assert.deepEqual(deleted, ['0000000002']);
    assert.deepEqual(metrics.lines, ['nodepool.provider.cloud.leaked.amis:1|c']);
  });

  it('leaves alone what is of a node whose record cannot be read', async () => {
    corrupt.add('/nodepool/nodes/1');
    listed = [resource('r')];
    await sweep();
    await sweep();
    assert.deepEqual(deleted, []);
  });

  it('decides nothing while the caches are behind, and remembers what it saw', async () => {
    listed = [resource('r')];
    isCurrent = false;
    await sweep();
    await sweep();
    isCurrent = true;
    await sweep();
    assert.deepEqual(deleted, []);
    isCurrent = false;
    await sweep();
    assert.deepEqual(deleted, []);
    isCurrent = true;
    await sweep();
    assert.deepEqual(deleted, ['r']);
  });

  it('deletes many at once, but a kind only when the ones before it are gone', async () => {
    const gates: (() => void)[] = [];
    listed = [
      ...['a1', 'a2', 'a3'].map((id) => ({ ...resource(id), kind: 'amis' })),
      { ...resource('s1'), kind: 'snapshots' },
    ];
    await sweep();
    act = (id) =>
      id.startsWith('a')
        ? new Promise((resolve) => {
            gates.push(resolve);
          })
        : Promise.resolve();
    const round = sweep();
    await turn();
    assert.deepEqual([gates.length, deleted], [3, []]);
    for (const open of gates) open();
    await round;
    assert.deepEqual(deleted, ['a1', 'a2', 'a3', 's1']);
  });

  it('does not wait for ever for one that does not end', async () => {
    listed = [resource('r')];
    await sweep();
    act = () => new Promise(() => undefined);
    const round = sweep();
    await turn();
    await clock.advance(120_000);
    await round;
    assert.deepEqual(deleted, []);
  });

  it('wants to see twice again what comes back after its deletion', async () => {
    listed = [resource('r')];
    await sweep();
    await sweep();
    await sweep();
    assert.deepEqual(deleted, ['r']);
    await sweep();
    assert.deepEqual(deleted, ['r', 'r']);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
