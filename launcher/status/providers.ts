/**
 * Providers and pools for `/status`: what they use of their limits, what is being launched and deleted.
 */
import type { PoolStatus, ProviderStatus, ResourceUse } from '../../schemas/launcher-status.ts';
import type { Quota } from '../../schemas/quota.ts';
import { safeText } from '../../shared/telemetry/safe-value.ts';
import type { ExplainParts } from '../explain/parts.ts';
import { sayDrain } from '../explain/say-drain.ts';
import type { Pool } from '../pools/pool.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';

/** In the order of their names, whether they run or not. */
export function providerStatus(parts: ExplainParts): ProviderStatus[] {
  const deleting = deletionsByProvider(parts);
  const of = (provider: string): number => deleting.get(provider) ?? 0;
  const running = [...parts.providers.allRunning()].map((runtime) =>
    runningStatus(parts, runtime, of(runtime.name)),
  );
  const absent = [...parts.providers.absent()].map(({ config, problem, againAtMs }) => ({
    name: config.name,
    driver: config.driver,
    state: problem === undefined ? ('starting' as const) : ('absent' as const),
    problem: problem === undefined ? null : safeText(problem),
    again_at: againAtMs === undefined ? null : againAtMs / 1000,
    ...{ launching: 0, deleting: of(config.name), quota: [], pools: [] },
  }));
  return [...running, ...absent].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function runningStatus(
  parts: ExplainParts,
  runtime: ProviderRuntime,
  deleting: number,
): ProviderStatus {
  const { name, config, ledger, available } = runtime;
  return {
    ...{ name, driver: config.driver, again_at: null },
    ...drainOf(parts, name),
    launching: ledger.launching,
    deleting,
    quota: resourceUse(available, parts.store.usage.ofProvider(name), ledger.reserved),
    pools: parts.pools.ofProvider(name).map((pool) => poolStatus(parts, pool)),
  };
}

function drainOf(
  { store, hostname }: ExplainParts,
  provider: string,
): Pick<ProviderStatus, 'state' | 'problem'> {
  const drain = store.drains.get('provider', provider) ?? store.drains.get('launcher', hostname);
  if (!drain) return { state: 'running', problem: null };
  return { state: 'draining', problem: sayDrain(drain) };
}

function poolStatus(parts: ExplainParts, pool: Pool): PoolStatus {
  const used = parts.store.usage.ofPool(pool.provider.name, pool.name);
  return {
    id: pool.id,
    name: pool.name,
    labels: [...pool.config.labels.keys()],
    paused: pool.registration.record.paused ?? false,
    quota: resourceUse(pool.config.limits, used, pool.capacity.reserved),
  };
}

/** Each resource that is limited, used or reserved, in the order of the limits. */
export function resourceUse(limits: Quota, used: Quota, reserved: Quota): ResourceUse[] {
  const names = new Set([limits, used, reserved].flatMap((one) => Object.keys(one)));
  const uses: ResourceUse[] = [];
  for (const resource of names) {
    const limit = limits[resource] ?? Infinity;
    const use = { used: used[resource] ?? 0, reserved: reserved[resource] ?? 0 };
    // Sums keep the names of what was used once.
    if (limit === Infinity && use.used === 0 && use.reserved === 0) continue;
    uses.push({ resource, ...use, limit: Number.isFinite(limit) ? limit : null });
  }
  return uses;
}

/** Deletions under way, and those that failed and are tried again. */
function deletionsByProvider({ deleter, store }: ExplainParts): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const nodes = new Set<string>();
  for (const { node } of deleter.running()) nodes.add(node);
  for (const { node } of deleter.paused()) nodes.add(node);
  for (const node of nodes) {
    const provider = store.nodes.get(node)?.record.provider;
    if (provider != null) counts.set(provider, (counts.get(provider) ?? 0) + 1);
  }
  return counts;
}
