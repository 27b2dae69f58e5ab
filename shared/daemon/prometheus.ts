/**
 * Metrics for Prometheus in a daemon that has a web server: loaded only there, since the package and its
 * look at the process cost something.
 */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../../schemas/config/model.ts';
import { sampleOf, type Sample } from '../telemetry/metric.ts';
import type { MetricsFan } from '../telemetry/metrics.ts';
import type { Program } from '../telemetry/names/all.ts';
import { info } from '../telemetry/names/process.ts';
import { MetricsPage } from '../telemetry/prometheus/page.ts';
import { PrometheusMetrics } from '../telemetry/prometheus/registry.ts';
import type { ZooKeeperClient } from '../zookeeper/client.ts';
import { timeZooKeeper, zooKeeperSamples } from './zookeeper-metrics.ts';

export interface DaemonMetricsOptions {
  readonly program: Program;
  readonly version: string;
  readonly client: ZooKeeperClient;
  /** Is told of everything that is counted from now on. */
  readonly metrics: MetricsFan;
  readonly clock: Clock;
  /** The one in force. */
  readonly config: () => Config;
  /** The daemon's own gauges of now. */
  readonly samples: () => readonly Sample[];
}

export interface DaemonMetrics {
  readonly page: MetricsPage;
  /** Ends the look at what goes on. */
  readonly close: () => void;
}

export function daemonMetrics(options: DaemonMetricsOptions): DaemonMetrics {
  const { program, version, client, metrics, clock, config, samples } = options;
  const prometheus = new PrometheusMetrics({
    program,
    isKnown: (label, value) => {
      if (label === 'provider') return config().providers.has(value);
      return label !== 'image' || config().diskimages.has(value);
    },
  });
  metrics.add(prometheus);
  prometheus.collect(() => [sampleOf(info, { program, version }, 1)]);
  prometheus.collect(() => zooKeeperSamples(client));
  prometheus.collect(samples);
  const close = timeZooKeeper(prometheus);
  return { page: new MetricsPage(() => prometheus.families(), clock), close };
}
