/** Rows about what requestors see: how it goes, who waits and why, where the time goes. */
import {
  lines,
  number,
  OF_JOB,
  OF_PROVIDER,
  quantile,
  quantiles,
  rate,
  stack,
  type Row,
} from './model.ts';

/** Of all attempts; 0, and not nothing, where none has ever failed. */
function shareFailed(sum: string, metric: string, selector: string): string {
  const all = `${sum} (rate(${metric}{${selector}}[$__rate_interval]))`;
  const failed = `${sum} (rate(${metric}{${selector},result!="ready"}[$__rate_interval]))`;
  return `(${failed} or 0 * ${all}) / ${all}`;
}

/** Launchers tell the same of what stands in ZooKeeper: the largest is the newest, a sum is nonsense. */
export const overview: Row = {
  title: 'At a glance',
  panels: [
    number(
      'Launchers',
      'short',
      'Launchers that Prometheus reaches.',
      `count(nodepool_info{${OF_JOB},program="launcher"})`,
    ),
    number(
      'Builders',
      'short',
      'Builders that Prometheus reaches.',
      `count(nodepool_info{${OF_JOB},program="builder"})`,
    ),
    number(
      'Requests waiting',
      'short',
      'Requests that nobody serves yet.',
      `max(nodepool_requests{${OF_JOB},state="requested"})`,
    ),
    number(
      'Requests served',
      'short',
      'Requests that are being served.',
      `max(nodepool_requests{${OF_JOB},state="pending"})`,
    ),
    number(
      'Nodes in use',
      'short',
      'Nodes that jobs run on.',
      `max(nodepool_nodes{${OF_JOB},state="in-use"})`,
    ),
    number(
      'Nodes ready',
      'short',
      'Nodes that wait for a job.',
      `max(nodepool_nodes{${OF_JOB},state="ready"})`,
    ),
    number(
      'Providers absent',
      'short',
      'Providers that cannot start on some launcher.',
      `count(nodepool_provider_up{${OF_PROVIDER}} == 0) or vector(0)`,
    ),
    number(
      'Attempts failed',
      'percentunit',
      'Of all launch attempts.',
      shareFailed('sum', 'nodepool_launch', OF_JOB),
    ),
  ],
};

export const requests: Row = {
  title: 'Requests, and why they wait',
  panels: [
    stack('Requests by state', 'short', 'All requests in ZooKeeper.', {
      expr: `max by (state) (nodepool_requests{${OF_JOB}})`,
      legend: '{{state}}',
    }),
    stack(
      'Why requests wait',
      'short',
      'A request counts once for each pool and reason. The codes are explained in the operator guide; `nodepool explain REQUEST` tells of one.',
      {
        expr: `sum by (reason) (nodepool_requests_waiting{${OF_PROVIDER}})`,
        legend: '{{reason}}',
      },
    ),
    stack('Where requests wait', 'short', 'By provider and what its pools say.', {
      expr: `sum by (provider, answer) (nodepool_requests_waiting{${OF_PROVIDER}})`,
      legend: '{{provider}} {{answer}}',
    }),
    lines(
      'Time until accepted',
      's',
      'From the creation of a request until a pool took it.',
      ...quantiles('nodepool_request_wait_seconds', OF_JOB),
    ),
    lines(
      'Time until fulfilled',
      's',
      'From the creation of a request until its nodes were handed over.',
      ...quantiles('nodepool_request_seconds', `${OF_JOB},result="fulfilled"`),
    ),
    lines('Requests ended', 'reqps', 'A second, by how it ended on a launcher.', {
      expr: rate('nodepool_request_seconds_count', 'result', OF_JOB),
      legend: '{{result}}',
    }),
    lines(
      'Served at the moment',
      'short',
      'Requests in the hands of a pool, and those to which none has said anything yet.',
      {
        expr: `sum by (instance) (nodepool_requests_serving{${OF_JOB}})`,
        legend: '{{instance}}',
      },
      {
        expr: `max(nodepool_requests_without_answer{${OF_JOB}})`,
        legend: 'without an answer',
      },
    ),
    lines('Requests for which a pool has all labels', 'short', 'In any state.', {
      expr: `max by (provider, pool) (nodepool_addressable_requests{${OF_PROVIDER}})`,
      legend: '{{provider}} {{pool}}',
    }),
  ],
};

const phase = 'nodepool_launch_phase_seconds';

export const launches: Row = {
  title: 'Launches',
  panels: [
    ...[0.5, 0.95, 0.99].map((q) =>
      lines(
        `Time in each phase, p${q * 100}`,
        's',
        'A long `creating` or `waiting-for-address` is the cloud, `scanning-host-keys` the image or the network, `waiting-for-room` quota.',
        {
          expr: quantile(phase, q, { selector: OF_PROVIDER, by: 'phase' }),
          legend: '{{phase}}',
        },
      ),
    ),
    stack('Nodes by phase', 'short', 'Nodes on their way at the moment.', {
      expr: `sum by (phase) (nodepool_launching_nodes{${OF_JOB}})`,
      legend: '{{phase}}',
    }),
    lines('Launch attempts', 'reqps', 'A second, by result.', {
      expr: rate('nodepool_launch', 'result', OF_JOB),
      legend: '{{result}}',
    }),
    lines('Launch attempts by provider', 'reqps', 'A second.', {
      expr: rate('nodepool_launch_by_provider', 'provider, result', OF_PROVIDER),
      legend: '{{provider}} {{result}}',
    }),
    lines('Launch attempts by zone', 'reqps', 'A second, where the cloud names zones.', {
      expr: rate('nodepool_launch_by_provider_az', 'provider, az, result', OF_PROVIDER),
      legend: '{{provider}} {{az}} {{result}}',
    }),
    lines(
      'Time until ready, p95',
      's',
      "From a node's first attempt, by provider. Short times all count as 20 s: that is the original's first bucket.",
      {
        expr: quantile('nodepool_launch_by_provider_timer', 0.95, {
          selector: `${OF_PROVIDER},result="ready"`,
          by: 'provider',
        }),
        legend: '{{provider}}',
      },
    ),
    lines('Launch attempts that failed', 'percentunit', 'Of all attempts of the provider.', {
      expr: shareFailed('sum by (provider)', 'nodepool_launch_by_provider', OF_PROVIDER),
      legend: '{{provider}}',
    }),
  ],
};
