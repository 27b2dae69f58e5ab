/**
 * The gauges about all launchers' nodes and requests, made of running counts when somebody asks.
 *
 * Names and what counts are those of nodepool/stats.py: every state of every provider and label that
 * is online has a value, if only 0; of others, those states that have nodes.
 */
import { nodeStates } from '../../schemas/records/node.ts';
import type { Store } from '../../shared/store/store.ts';
import { sampleOf, type Sample } from '../../shared/telemetry/metric.ts';
import * as names from '../../shared/telemetry/names/nodes.ts';
import { NodeCounts, type StateCounts } from './node-counts.ts';
import { RequestCounts } from './request-counts.ts';

interface OnlinePool {
  readonly provider: string;
  readonly pool: string | undefined;
  readonly labels: ReadonlySet<string>;
}

export class ClusterGauges {
  readonly requests: RequestCounts;
  readonly #nodes: NodeCounts;
  readonly #store: Store;

  /** Counts from the store's first change on, so it must not have started. */
  constructor(store: Store) {
    this.#store = store;
    this.#nodes = new NodeCounts(store.nodes.cache);
    this.requests = new RequestCounts(store.requests.cache);
  }

  samples(): Sample<'gauge'>[] {
    const online = this.#online();
    const nodes = this.#nodes;
    const all = [
      ...stateSamples(nodes.all, true, (state, n) => sampleOf(names.nodes, { state }, n)),
    ];
    const onlineProviders = new Set(online.map(({ provider }) => provider));
    for (const provider of new Set([...onlineProviders, ...nodes.providers()])) {
      const make: MakeSample = (state, n) =>
        sampleOf(names.nodesByProvider, { provider, state }, n);
      const counts = nodes.ofProvider(provider);
      all.push(...stateSamples(counts, onlineProviders.has(provider), make));
    }
    const onlineLabels = new Set(online.flatMap(({ labels }) => [...labels]));
    for (const label of new Set([...onlineLabels, ...nodes.labels()])) {
      const make: MakeSample = (state, n) => sampleOf(names.nodesByLabel, { label, state }, n);
      all.push(...stateSamples(nodes.ofLabel(label), onlineLabels.has(label), make));
    }
    all.push(...this.#addressable(online));
    return all;
  }

  /** Several launchers may have a pool of the same name: one value, that of any of them. */
  #addressable(online: readonly OnlinePool[]): Sample<'gauge'>[] {
    const pools = new Map<string, OnlinePool & { readonly pool: string }>();
    for (const { provider, pool, labels } of online)
      if (pool !== undefined) pools.set(`${provider}\0${pool}`, { provider, pool, labels });
    return [...pools.values()].map(({ provider, pool, labels }) =>
      sampleOf(names.addressableRequests, { provider, pool }, this.requests.within(labels)),
    );
  }

  #online(): OnlinePool[] {
    return this.#store.components.ofKind('pool').map(({ record }) => ({
      provider: record.provider_name ?? 'None',
      pool: record.name,
      labels: new Set(record.supported_labels ?? []),
    }));
  }
}

type MakeSample = (state: string, count: number) => Sample<'gauge'>;

function* stateSamples(
  counts: StateCounts,
  isOnline: boolean,
  make: MakeSample,
): Generator<Sample<'gauge'>> {
  for (const state of isOnline ? nodeStates : counts.keys())
    yield make(state, counts.get(state) ?? 0);
}
