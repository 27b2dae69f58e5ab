/** Rows about what all of it stands on: ZooKeeper, and the processes themselves. */
import { lines, OF_INSTANCE, quantile, rate, type Row } from './model.ts';

const time = 'nodepool_zookeeper_request_seconds';

export const zookeeper: Row = {
  title: 'ZooKeeper',
  panels: [
    lines('Session', 'short', '1 while the process has a connection.', {
      expr: `max by (instance) (nodepool_zookeeper_state{${OF_INSTANCE},state="connected"})`,
      legend: '{{instance}}',
    }),
    ...[0.5, 0.99].map((q) =>
      lines(`Time of requests, p${q * 100}`, 's', 'Above 0.1 s everything is slow.', {
        expr: quantile(time, q, { selector: OF_INSTANCE, by: 'operation' }),
        legend: '{{operation}}',
      }),
    ),
    lines('Requests', 'reqps', 'A second.', {
      expr: rate(`${time}_count`, 'operation', OF_INSTANCE),
      legend: '{{operation}}',
    }),
    lines(
      'Requests refused',
      'reqps',
      'A second. Some are all right: -101 (no such znode), -103 (was changed), -110 (exists already) tell that somebody else was quicker.',
      {
        expr: rate('nodepool_zookeeper_errors_total', 'operation, error', OF_INSTANCE),
        legend: '{{operation}} {{error}}',
      },
    ),
    lines(
      'On their way',
      'short',
      'Requests without a reply yet, and those that wait for a connection.',
      {
        expr: `sum by (instance) (nodepool_zookeeper_outstanding{${OF_INSTANCE}})`,
        legend: '{{instance}} without reply',
      },
      {
        expr: `sum by (instance) (nodepool_zk_client_connection_queue{${OF_INSTANCE}})`,
        legend: '{{instance}} without connection',
      },
    ),
    lines(
      'Connections and lost sessions',
      'short',
      'In the last ten minutes. A session that is lost takes all locks with it.',
      {
        expr: `sum by (instance) (increase(nodepool_zookeeper_connections_total{${OF_INSTANCE}}[10m]))`,
        legend: '{{instance}} connections',
      },
      {
        expr: `sum by (instance) (increase(nodepool_zookeeper_sessions_lost_total{${OF_INSTANCE}}[10m]))`,
        legend: '{{instance}} sessions lost',
      },
    ),
    lines('Behind the changes', 'short', 'Changes that a cache does not show yet.', {
      expr: `sum by (instance, cache) (nodepool_zk_cache_queue{${OF_INSTANCE}})`,
      legend: '{{instance}} {{cache}}',
    }),
    lines(
      'Traffic',
      'Bps',
      'Received and sent, a second.',
      {
        expr: rate('nodepool_zookeeper_received_bytes_total', 'instance', OF_INSTANCE),
        legend: '{{instance}} received',
      },
      {
        expr: rate('nodepool_zookeeper_sent_bytes_total', 'instance', OF_INSTANCE),
        legend: '{{instance}} sent',
      },
    ),
  ],
};

export const processes: Row = {
  title: 'Processes',
  panels: [
    lines('Event loop, p99', 's', 'How late things are done. Above 1 s something blocks it.', {
      expr: `max by (instance) (nodejs_eventloop_lag_p99_seconds{${OF_INSTANCE}})`,
      legend: '{{instance}}',
    }),
    lines('Processor', 'percentunit', 'Of one core.', {
      expr: rate('process_cpu_seconds_total', 'instance', OF_INSTANCE),
      legend: '{{instance}}',
    }),
    lines(
      'Memory',
      'bytes',
      'Resident, and used of the heap.',
      {
        expr: `max by (instance) (process_resident_memory_bytes{${OF_INSTANCE}})`,
        legend: '{{instance}}',
      },
      {
        expr: `max by (instance) (nodejs_heap_size_used_bytes{${OF_INSTANCE}})`,
        legend: '{{instance}} heap',
      },
    ),
    lines('Collecting garbage', 'percentunit', 'Of the time.', {
      expr: rate('nodejs_gc_duration_seconds_sum', 'instance', OF_INSTANCE),
      legend: '{{instance}}',
    }),
    lines('Running for', 's', 'Since the start.', {
      expr: `time() - max by (instance) (process_start_time_seconds{${OF_INSTANCE}})`,
      legend: '{{instance}}',
    }),
    lines('Versions', 'short', 'What runs.', {
      expr: `max by (program, version, instance) (nodepool_info{${OF_INSTANCE}})`,
      legend: '{{instance}} {{program}} {{version}}',
    }),
  ],
};
