/** Metrics of a process of ours: its connection to ZooKeeper, its calls to clouds. */
import { counter, gauge, histogram } from '../metric.ts';

/** Calls over a network: from one within a machine to one that hangs. */
const CALL_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const ZOOKEEPER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export const info = gauge('nodepool_info', 'Always 1; says which program and version runs.', {
  labels: ['program', 'version'],
});

export const zookeeperQueue = gauge(
  'nodepool_zk_client_connection_queue',
  'Calls that wait for a connection to ZooKeeper.',
  { labels: ['launcher'], statsd: 'nodepool.launcher.{launcher}.zk.client.connection_queue' },
);
export const zookeeperCacheQueue = gauge(
  'nodepool_zk_cache_queue',
  'Changes that a cache knows of and does not show yet: held back by own writes (event), or being read (playback).',
  {
    labels: ['launcher', 'cache', 'queue'],
    statsd: 'nodepool.launcher.{launcher}.zk.{cache}_cache.{queue}_queue',
  },
);
export const zookeeperState = gauge(
  'nodepool_zookeeper_state',
  '1 for the state of the session with ZooKeeper, 0 for the others.',
  { labels: ['state'] },
);
export const zookeeperOutstanding = gauge(
  'nodepool_zookeeper_outstanding',
  'Requests to ZooKeeper that were sent and have no reply yet.',
);
export const zookeeperTime = histogram(
  'nodepool_zookeeper_request_seconds',
  'Time from a request to ZooKeeper to its reply, by operation.',
  { labels: ['operation'], buckets: ZOOKEEPER_BUCKETS },
);
export const zookeeperErrors = counter(
  'nodepool_zookeeper_errors_total',
  'Replies of ZooKeeper that say no, by its error number: -101 no such znode, -110 it exists, ...',
  { labels: ['operation', 'error'] },
);
export const zookeeperConnections = counter(
  'nodepool_zookeeper_connections_total',
  'Connections to ZooKeeper that carried a session.',
  { isCollected: true },
);
export const zookeeperExpiries = counter(
  'nodepool_zookeeper_sessions_lost_total',
  'Sessions with ZooKeeper that were lost.',
  { isCollected: true },
);
export const zookeeperEvents = counter(
  'nodepool_zookeeper_events_total',
  'Events of watches that ZooKeeper has sent.',
  { isCollected: true },
);
export const zookeeperSent = counter(
  'nodepool_zookeeper_sent_bytes_total',
  'Bytes sent to ZooKeeper.',
  { isCollected: true },
);
export const zookeeperReceived = counter(
  'nodepool_zookeeper_received_bytes_total',
  'Bytes received from ZooKeeper.',
  { isCollected: true },
);

export const cloudCalls = histogram(
  'nodepool_cloud_call_seconds',
  "Time of what was asked of a provider's driver, by operation and result: ok, or why not.",
  { labels: ['provider', 'operation', 'result'], buckets: CALL_BUCKETS },
);
export const cloudHttp = histogram(
  'nodepool_cloud_http_seconds',
  "Time of single HTTP requests to a provider's cloud, where its driver can tell.",
  { labels: ['provider', 'service', 'method', 'status'], buckets: CALL_BUCKETS },
);
