/** Sums of what ZooKeeper has, for `nodepool top`. */
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import { readBuilds, readUploads } from '../image-records.ts';
import { readComponents, readNodes, readRequests, type ReadOptions } from '../records.ts';
import type { Stored, StoredPool, StoredWork } from './model.ts';
import { uploadName } from './panes/images.ts';

export async function readStored(options: ReadOptions): Promise<Stored> {
  const [nodes, requests, builds, uploads, pools] = await Promise.all([
    readNodes(options),
    readRequests(options),
    readBuilds(options),
    readUploads(options),
    readComponents('pool', options),
  ]);
  const perProvider = new Map<string, Map<string, number>>();
  const making: StoredWork[] = [];
  for (const { id, record } of nodes) {
    const provider = record.provider ?? '';
    const states = perProvider.get(provider) ?? new Map<string, number>();
    perProvider.set(provider, states);
    add(states, record.state);
    if (record.state === 'building')
      making.push({ name: id, provider, what: record.type.join(','), since: record.state_time });
  }
  const perState = new Map<string, number>();
  const perLabel = new Map<string, number>();
  for (const { record } of requests) {
    add(perState, record.state);
    if (record.state === 'requested')
      for (const label of new Set(record.node_types)) add(perLabel, label);
  }
  return {
    nodes: perProvider,
    nodesInTheMaking: making.sort((a, b) => a.since - b.since),
    requests: perState,
    wanted: [...perLabel].sort(([, a], [, b]) => b - a),
    builds: builds
      .filter(({ record }) => record.state === 'building')
      .map(({ image, build, record }) => ({
        ...{ name: `${image}-${build}`, provider: '' },
        ...{ what: record.builder ?? '', since: record.state_time },
      })),
    uploads: uploads
      .filter(({ record }) => record.state === 'uploading')
      .map(({ record, ...key }) => ({
        ...{ name: uploadName(key), provider: key.provider, what: '', since: record.state_time },
      })),
    pools: pools.map(poolOf).sort(byName),
  };
}

function poolOf(pool: ComponentRecord): StoredPool {
  return {
    ...{ provider: pool.provider_name ?? '', name: pool.name ?? '', host: pool.hostname },
    ...{ labels: pool.supported_labels ?? [], isPaused: pool.paused ?? false },
  };
}

function byName(a: StoredPool, b: StoredPool): number {
  const key = (pool: StoredPool): string => [pool.provider, pool.name, pool.host].join('\0');
  return key(a) < key(b) ? -1 : 1;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
