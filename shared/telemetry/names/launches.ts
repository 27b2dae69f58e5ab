/** Metrics of requests and launches, as a launcher tells them. */
import { counter, gauge, histogram, summary } from '../metric.ts';

/** Of the original's mapping for the exporter, in seconds. */
const LAUNCH_BUCKETS = [20, 30, 40, 50, 60, 70, 80, 90, 120, 150, 180, 300, 600, 900];
/** From what ZooKeeper takes to what a slow cloud takes. */
const PHASE_BUCKETS = [0.01, 0.05, 0.25, 1, 5, 15, 30, 60, 120, 300, 900, 3600];

export const launches = counter('nodepool_launch', 'Launch attempts by result.', {
  labels: ['result'],
  statsd: 'nodepool.launch.{result}',
});
export const launchTimer = summary(
  'nodepool_launch_timer',
  "Time of launches, from the node's first attempt.",
  { labels: ['result'], statsd: 'nodepool.launch.{result}' },
);
export const launchesByProvider = counter(
  'nodepool_launch_by_provider',
  'Launch attempts by provider and result.',
  { labels: ['provider', 'result'], statsd: 'nodepool.launch.provider.{provider}.{result}' },
);
export const launchTimerByProvider = histogram(
  'nodepool_launch_by_provider_timer',
  "Time of launches by provider, from the node's first attempt.",
  {
    labels: ['provider', 'result'],
    statsd: 'nodepool.launch.provider.{provider}.{result}',
    buckets: LAUNCH_BUCKETS,
  },
);
export const launchesByZone = counter(
  'nodepool_launch_by_provider_az',
  'Launch attempts by provider, availability zone and result.',
  {
    labels: ['provider', 'az', 'result'],
    statsd: 'nodepool.launch.provider.{provider}.{az}.{result}',
  },
);
export const launchTimerByZone = summary(
  'nodepool_launch_by_provider_az_timer',
  "Time of launches by provider and availability zone, from the node's first attempt.",
  {
    labels: ['provider', 'az', 'result'],
    statsd: 'nodepool.launch.provider.{provider}.{az}.{result}',
  },
);
export const launchesByRequestor = counter(
  'nodepool_launch_by_requestor',
  'Launch attempts by who asked for the node, and result.',
  {
    labels: ['requestor', 'result'],
    statsd: 'nodepool.launch.requestor.{requestor:part}.{result}',
    isBounded: false,
  },
);
export const launchTimerByRequestor = summary(
  'nodepool_launch_by_requestor_timer',
  "Time of launches by who asked for the node, from the node's first attempt.",
  {
    labels: ['requestor', 'result'],
    statsd: 'nodepool.launch.requestor.{requestor:part}.{result}',
    isBounded: false,
  },
);
export const launchPhase = histogram(
  'nodepool_launch_phase_seconds',
  'Time that nodes of served requests spent in a phase, each time they left it.',
  { labels: ['provider', 'phase'], buckets: PHASE_BUCKETS },
);
export const launchingNodes = gauge(
  'nodepool_launching_nodes',
  'Nodes of requests that this launcher serves, by phase.',
  { labels: ['phase'] },
);

export const requests = gauge(
  'nodepool_requests',
  'Requests in ZooKeeper by state, those for other launchers included.',
  { labels: ['state'] },
);
export const requestsServed = gauge(
  'nodepool_requests_serving',
  'Requests that pools of this launcher serve.',
);
export const requestsWaiting = gauge(
  'nodepool_requests_waiting',
  'Waiting requests by the reason that a pool gives; one counts once for each pool and reason.',
  { labels: ['provider', 'pool', 'answer', 'reason'] },
);
export const requestsUnanswered = gauge(
  'nodepool_requests_without_answer',
  'Waiting requests about which no pool of this launcher has given a reason.',
);
export const requestWait = histogram(
  'nodepool_request_wait_seconds',
  'Time from the creation of a request until a pool of this launcher accepted it.',
  { buckets: PHASE_BUCKETS },
);
export const requestTime = histogram(
  'nodepool_request_seconds',
  'Time from the creation of a request until this launcher was done with it, by result.',
  { labels: ['result'], buckets: PHASE_BUCKETS },
);
