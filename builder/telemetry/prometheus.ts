/** Metrics for Prometheus of a builder that has a web server. */
import { packageVersion } from '../../shared/base/version.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { daemonMetrics, type DaemonMetrics } from '../../shared/daemon/prometheus.ts';
import type { MetricsFan } from '../../shared/telemetry/metrics.ts';
import type { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import type { Builder } from '../builder.ts';

export interface BuilderMetricsOptions {
  readonly builder: Builder;
  readonly client: ZooKeeperClient;
  readonly metrics: MetricsFan;
  readonly clock: Clock;
}

export function builderMetrics({ builder, ...rest }: BuilderMetricsOptions): DaemonMetrics {
  return daemonMetrics({
    ...{ program: 'builder', version: packageVersion(), ...rest },
    config: () => builder.config,
    samples: () => builder.gauges(),
  });
}
