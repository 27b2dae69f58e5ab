/**
 * The gauges about what this launcher is doing and what keeps it from doing more, read from memory when
 * somebody asks. Only for Prometheus: the original has none of these.
 */
import type { Config } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import { requestStates } from '../../schemas/records/request.ts';
import { sampleOf, type Gauge, type Sample } from '../../shared/telemetry/metric.ts';
import * as launches from '../../shared/telemetry/names/launches.ts';
import * as names from '../../shared/telemetry/names/nodes.ts';
import type { ExplainParts } from '../explain/parts.ts';
import { explainWaiting } from '../explain/waiting.ts';
import type { RequestCounts } from './request-counts.ts';

export interface WorkInput {
  readonly parts: ExplainParts;
  readonly config: Config;
  readonly requests: RequestCounts;
}

export function workGauges({ parts, config, requests }: WorkInput): Sample<'gauge'>[] {
  return [
    ...requestStates.map((state) =>
      sampleOf(launches.requests, { state }, requests.inState(state)),
    ),
    ...waitingGauges(parts),
    ...providerGauges(parts),
    ...poolGauges(parts),
    ...tenantGauges(parts, config),
    ...deletionGauges(parts),
  ];
}

function waitingGauges(parts: ExplainParts): Sample<'gauge'>[] {
  const { reasons, without_answer, serving, phases } = explainWaiting(parts);
  return [
    ...reasons.map(({ provider, pool, answer, code: reason, count }) =>
      sampleOf(launches.requestsWaiting, { provider, pool, answer, reason }, count),
    ),
    sampleOf(launches.requestsUnanswered, {}, without_answer),
    sampleOf(launches.requestsServed, {}, serving),
    ...Object.entries(phases).map(([phase, count]) =>
      sampleOf(launches.launchingNodes, { phase }, count),
    ),
  ];
}

function providerGauges({ providers, store }: ExplainParts): Sample<'gauge'>[] {
  const running = [...providers.allRunning()].flatMap(({ name: provider, available }) => [
    sampleOf(names.providerUp, { provider }, 1),
    ...quotaSamples(names.providerQuotaLimit, { provider }, available),
    ...quotaSamples(
      names.providerQuotaUsed,
      { provider },
      { ...zeros(available), ...store.usage.ofProvider(provider) },
    ),
  ]);
  const absent = [...providers.absent()].map(({ config }) =>
    sampleOf(names.providerUp, { provider: config.name }, 0),
  );
  return [...running, ...absent];
}

function poolGauges({ pools }: ExplainParts): Sample<'gauge'>[] {
  return [...pools.all()].flatMap((pool) => {
    const labels = { provider: pool.provider.name, pool: pool.name };
    const { poolLimits, poolUsed } = pool.capacity.now;
    return [
      ...quotaSamples(names.poolQuotaLimit, labels, poolLimits),
      ...quotaSamples(names.poolQuotaUsed, labels, { ...zeros(poolLimits), ...poolUsed }),
    ];
  });
}

/** Tenants without limits are left out: anybody could make them. */
function tenantGauges({ store }: ExplainParts, config: Config): Sample<'gauge'>[] {
  return [...config.tenantLimits].flatMap(([tenant, limits]) =>
    Object.entries({ ...zeros(limits), ...store.usage.ofTenant(tenant) }).map(([limit, value]) =>
      sampleOf(names.tenantUsed, { tenant, limit }, value),
    ),
  );
}

function deletionGauges({ deleter, store }: ExplainParts): Sample<'gauge'>[] {
  const providerOf = (node: string): string => store.nodes.get(node)?.record.provider ?? 'None';
  const counts = new Map<string, number>();
  const count = (node: string, state: string): void => {
    const key = `${providerOf(node)}\0${state}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const { node } of deleter.running()) count(node, 'running');
  for (const { node } of deleter.paused()) count(node, 'failing');
  return [...counts].map(([key, value]) => {
    const [provider = '', state = ''] = key.split('\0');
    return sampleOf(names.deletions, { provider, state }, value);
  });
}

/** What has a limit is told, too, while nothing of it is used. */
function zeros(limits: Quota): Quota {
  return Object.fromEntries(Object.keys(limits).map((resource) => [resource, 0]));
}

/** Labels of the gauge but its resource. */
function quotaSamples<L extends string>(
  gauge: Gauge<L | 'resource'>,
  labels: Readonly<Record<Exclude<L, 'resource'>, string>>,
  quota: Quota,
): Sample<'gauge'>[] {
  return Object.entries(quota).map(([resource, value]) => ({
    metric: gauge,
    labels: { ...labels, resource },
    value,
  }));
}
