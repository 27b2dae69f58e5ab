/**
 * How far a drain has come, from what stands in ZooKeeper. Pure.
 *
 * A launcher that obeys says so in its entries in the registry; Python's never do.
 */
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import type { DrainTarget } from './target.ts';

export interface DrainView {
  readonly isDrained: boolean;
  readonly nodes: readonly { readonly id: string; readonly record: NodeRecord }[];
  readonly pools: readonly ComponentRecord[];
  readonly launchers: readonly ComponentRecord[];
}

/** A launcher that is registered, with the pools of the matter. */
export interface DrainedLauncher {
  readonly hostname: string;
  readonly version: string | null;
  /** `<provider>-<pool>`; those that still take requests, where it does not obey. */
  readonly pools: readonly string[];
}

export interface DrainProgress {
  readonly is_drained: boolean;
  /** Nothing is left that the drain waits for. */
  readonly is_empty: boolean;
  readonly obeying: readonly DrainedLauncher[];
  readonly not_obeying: readonly DrainedLauncher[];
  /**
   * Of a provider: all of its nodes, by state. Of a launcher: those that it is making; what it has made
   * others can see to.
   */
  readonly nodes: Readonly<Record<string, number>>;
  /** Nodes that people hold on to, which nobody deletes: the first by id. */
  readonly on_hold: readonly string[];
}

const MOST_NAMED = 10;
/** In which a node is still being made for a request. */
const MAKING: ReadonlySet<string> = new Set(['init', 'building', 'testing']);

export function progressOf(target: DrainTarget, view: DrainView): DrainProgress {
  return target.kind === 'provider' ? ofProvider(target.name, view) : ofLauncher(target.name, view);
}

function ofProvider(name: string, view: DrainView): DrainProgress {
  const nodes = view.nodes.filter(({ record }) => record.provider === name);
  const pools = view.pools.filter((pool) => pool.provider_name === name);
  const launchers = byHost(pools);
  const not = launchers.filter(({ isObeying }) => !isObeying);
  return {
    is_drained: view.isDrained,
    is_empty: nodes.length === 0 && not.length === 0,
    obeying: launchers.filter(({ isObeying }) => isObeying).map(plain),
    not_obeying: not.map(plain),
    nodes: countStates(nodes),
    on_hold: nodes
      .filter(({ record }) => record.state === 'hold')
      .slice(0, MOST_NAMED)
      .map(({ id }) => id),
  };
}

function ofLauncher(name: string, view: DrainView): DrainProgress {
  const launchers = view.launchers.filter(({ hostname }) => hostname === name);
  const ids = new Set(view.pools.filter((pool) => pool.hostname === name).map(({ id }) => id));
  const made = view.nodes.filter(
    ({ record }) => MAKING.has(record.state) && ids.has(record.launcher ?? ''),
  );
  const of = ({ hostname, version }: ComponentRecord): DrainedLauncher => ({
    ...{ hostname, version, pools: [] },
  });
  const isObeying = ({ state }: ComponentRecord): boolean => state !== 'running';
  return {
    is_drained: view.isDrained,
    is_empty: launchers.every(({ state }) => state === 'drained'),
    obeying: launchers.filter(isObeying).map(of),
    not_obeying: launchers.filter((one) => !isObeying(one)).map(of),
    nodes: countStates(made),
    on_hold: [],
  };
}

type Obeying = DrainedLauncher & { readonly isObeying: boolean };

/** One entry for each process: two on one host may be of different versions. */
function byHost(pools: readonly ComponentRecord[]): Obeying[] {
  const found = new Map<string, Obeying>();
  for (const { hostname, version, state, provider_name, name } of pools) {
    const isObeying = state === 'draining';
    const key = JSON.stringify([hostname, version, isObeying]);
    const before = found.get(key);
    const pool = `${provider_name ?? ''}-${name ?? ''}`;
    found.set(key, {
      ...{ hostname, version, isObeying },
      pools: [...(before?.pools ?? []), pool].sort(),
    });
  }
  return [...found.values()].sort((a, b) => (a.hostname < b.hostname ? -1 : 1));
}

function plain({ hostname, version, pools }: Obeying): DrainedLauncher {
  return { hostname, version, pools };
}

function countStates(nodes: DrainView['nodes']): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { record } of nodes) counts.set(record.state, (counts.get(record.state) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
