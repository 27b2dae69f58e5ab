/** Rows about nodes, the clouds that they are in, and what these allow. */
import { lines, OF_JOB, OF_PROVIDER, quantile, rate, stack, type Row } from './model.ts';

export const nodes: Row = {
  title: 'Nodes',
  panels: [
    stack('Nodes by state', 'short', 'All nodes in ZooKeeper.', {
      expr: `max by (state) (nodepool_nodes{${OF_JOB}})`,
      legend: '{{state}}',
    }),
    stack('Nodes by provider', 'short', 'In all states.', {
      expr: `sum by (provider) (max by (provider, state) (nodepool_nodes_by_provider{${OF_PROVIDER}}))`,
      legend: '{{provider}}',
    }),
    stack('Nodes by label', 'short', 'A node with several labels counts under each.', {
      expr: `sum by (label) (max by (label, state) (nodepool_nodes_by_label{${OF_JOB}}))`,
      legend: '{{label}}',
    }),
    lines('Nodes of providers by state', 'short', 'Without states that have no nodes.', {
      expr: `max by (provider, state) (nodepool_nodes_by_provider{${OF_PROVIDER}}) > 0`,
      legend: '{{provider}} {{state}}',
    }),
    lines(
      'Deletions',
      'short',
      'Nodes that are being deleted, and those whose deletion fails and is tried again.',
      {
        expr: `sum by (provider, state) (nodepool_deletions{${OF_PROVIDER}})`,
        legend: '{{provider}} {{state}}',
      },
    ),
    lines('Leaked resources deleted', 'reqps', 'A second, by kind.', {
      expr: rate('nodepool_leaked_total', 'provider, kind', OF_PROVIDER),
      legend: '{{provider}} {{kind}}',
    }),
    lines(
      'Leaked resources that stay',
      'reqps',
      'Deletions a second that failed: they cost money until somebody looks after them.',
      {
        expr: rate('nodepool_leak_deletions_failed_total', 'provider, kind', OF_PROVIDER),
        legend: '{{provider}} {{kind}}',
      },
    ),
  ],
};

/** Used of a limit, where there is one. */
function share(name: string, by: string, selector: string): string {
  const used = `max by (${by}) (${name}_used{${selector}})`;
  return `${used} / (max by (${by}) (${name}_limit{${selector}}) < +Inf)`;
}

export const quotas: Row = {
  title: 'Quotas',
  panels: [
    lines('Cloud: used of the quota', 'percentunit', 'At 1 requests wait for room.', {
      expr: share('nodepool_provider_quota', 'provider, resource', OF_PROVIDER),
      legend: '{{provider}} {{resource}}',
    }),
    lines('Pool: used of max-servers, max-cores, ...', 'percentunit', 'At 1 requests wait.', {
      expr: share('nodepool_pool_quota', 'provider, pool, resource', OF_PROVIDER),
      legend: '{{provider}} {{pool}} {{resource}}',
    }),
    lines('Tenant: used of its limits', 'percentunit', 'At 1 requests of the tenant wait.', {
      expr: share('nodepool_tenant', 'tenant, limit', OF_JOB),
      legend: '{{tenant}} {{limit}}',
    }),
    lines(
      'Cloud: instances',
      'short',
      'Used, and what the cloud leaves to us.',
      {
        expr: `max by (provider) (nodepool_provider_quota_used{${OF_PROVIDER},resource="instances"})`,
        legend: '{{provider}} used',
      },
      {
        expr: `max by (provider) (nodepool_provider_quota_limit{${OF_PROVIDER},resource="instances"}) < +Inf`,
        legend: '{{provider}} limit',
      },
    ),
    lines('max-servers', 'short', 'Sum over the pools of a provider, where all have a limit.', {
      expr: `max by (provider) (nodepool_provider_max_servers{${OF_PROVIDER}}) < +Inf`,
      legend: '{{provider}}',
    }),
  ],
};

const call = 'nodepool_cloud_call_seconds';

export const clouds: Row = {
  title: 'Clouds',
  panels: [
    lines('Providers', 'short', '1: works; 0: is configured and cannot start.', {
      expr: `min by (provider) (nodepool_provider_up{${OF_PROVIDER}})`,
      legend: '{{provider}}',
    }),
    lines('Calls', 'reqps', 'Of a driver, a second.', {
      expr: rate(`${call}_count`, 'provider, operation', OF_PROVIDER),
      legend: '{{provider}} {{operation}}',
    }),
    lines('Calls that failed', 'reqps', 'A second, by why.', {
      expr: rate(`${call}_count`, 'provider, operation, result', `${OF_PROVIDER},result!="ok"`),
      legend: '{{provider}} {{operation}} {{result}}',
    }),
    lines('Time of calls, p95', 's', 'A launch includes the boot, where the driver waits for it.', {
      expr: quantile(call, 0.95, { selector: OF_PROVIDER, by: 'provider, operation' }),
      legend: '{{provider}} {{operation}}',
    }),
    lines('HTTP requests', 'reqps', 'A second, by status, where the driver can tell.', {
      expr: rate('nodepool_cloud_http_seconds_count', 'provider, service, status', OF_PROVIDER),
      legend: '{{provider}} {{service}} {{status}}',
    }),
    lines('Time of HTTP requests, p95', 's', 'Where the driver can tell.', {
      expr: quantile('nodepool_cloud_http_seconds', 0.95, {
        selector: OF_PROVIDER,
        by: 'provider, service, method',
      }),
      legend: '{{provider}} {{service}} {{method}}',
    }),
    lines('Starts of providers that failed', 'reqps', 'A second; each is tried again.', {
      expr: rate('nodepool_provider_start_failed_total', 'provider', OF_PROVIDER),
      legend: '{{provider}}',
    }),
  ],
};
