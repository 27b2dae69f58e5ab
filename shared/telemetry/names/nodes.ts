/** Metrics of nodes, providers and limits, as a launcher tells them. */
import { counter, gauge } from '../metric.ts';

/** Of all launchers; the elected one sends these to statsd. */
export const nodes = gauge('nodepool_nodes', 'Nodes in each state.', {
  labels: ['state'],
  statsd: 'nodepool.nodes.{state}',
});
export const nodesByLabel = gauge(
  'nodepool_nodes_by_label',
  'Nodes of a label in each state; a node with several labels counts under each.',
  { labels: ['label', 'state'], statsd: 'nodepool.label.{label}.nodes.{state}' },
);
export const nodesByProvider = gauge(
  'nodepool_nodes_by_provider',
  'Nodes of a provider in each state.',
  { labels: ['provider', 'state'], statsd: 'nodepool.provider.{provider}.nodes.{state}' },
);
export const addressableRequests = gauge(
  'nodepool_addressable_requests',
  'Requests in any state all of whose labels the pool has.',
  {
    labels: ['provider', 'pool'],
    statsd: 'nodepool.provider.{provider}.pool.{pool}.addressable_requests',
  },
);

export const maxServers = gauge(
  'nodepool_provider_max_servers',
  "Sum of max-servers over the provider's pools; +Inf if one of them has no limit.",
  { labels: ['provider'], statsd: 'nodepool.provider.{provider}.max_servers' },
);
export const tenantLimit = gauge(
  'nodepool_tenant_limit',
  'Limit of a tenant in the configuration: cores, instances, ram (MiB) and others.',
  { labels: ['tenant', 'limit'], statsd: 'nodepool.tenant_limits.{tenant:part}.{limit:part}' },
);
export const tenantUsed = gauge(
  'nodepool_tenant_used',
  'What nodes of a tenant take, where the configuration has limits for it.',
  { labels: ['tenant', 'limit'] },
);

export const poolQuotaUsed = gauge(
  'nodepool_pool_quota_used',
  "What the pool's nodes take of a resource, launches included that have just begun.",
  { labels: ['provider', 'pool', 'resource'] },
);
export const poolQuotaLimit = gauge(
  'nodepool_pool_quota_limit',
  'Limit of the pool for a resource, where it has one.',
  { labels: ['provider', 'pool', 'resource'] },
);
export const providerQuotaUsed = gauge(
  'nodepool_provider_quota_used',
  "What the provider's nodes take of a resource, in all pools and of all launchers.",
  { labels: ['provider', 'resource'] },
);
export const providerQuotaLimit = gauge(
  'nodepool_provider_quota_limit',
  'What the cloud leaves to our nodes of a resource: its limit less what others use.',
  { labels: ['provider', 'resource'] },
);

export const providerUp = gauge(
  'nodepool_provider_up',
  '1 if the provider works here, 0 if it is configured and cannot start.',
  { labels: ['provider'] },
);
export const providerStartFailed = counter(
  'nodepool_provider_start_failed_total',
  'Starts of a provider that failed; it is tried again.',
  { labels: ['provider'], statsd: 'nodepool.provider.{provider}.start_failed' },
);
export const leaked = counter(
  'nodepool_leaked_total',
  'Leaked resources that were deleted in the cloud, by kind: instances, ports, floatingips, ...',
  { labels: ['provider', 'kind'], statsd: 'nodepool.provider.{provider}.leaked.{kind}' },
);
export const leakDeletionsFailed = counter(
  'nodepool_leak_deletions_failed_total',
  'Tries to delete a leaked resource that failed.',
  { labels: ['provider', 'kind'] },
);
export const deletions = gauge(
  'nodepool_deletions',
  'Nodes that this launcher is deleting: running now, or failing and to be tried again.',
  { labels: ['provider', 'state'] },
);
