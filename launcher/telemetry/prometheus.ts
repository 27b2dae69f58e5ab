/** Metrics for Prometheus of a launcher that has a web server. */
import type { Clock } from '../../shared/base/clock.ts';
import { daemonMetrics, type DaemonMetrics } from '../../shared/daemon/prometheus.ts';
import type { MetricsFan } from '../../shared/telemetry/metrics.ts';
import type { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import type { Launcher } from '../launcher.ts';
import { measureRequests } from './journal-metrics.ts';

export interface LauncherMetricsOptions {
  readonly launcher: Launcher;
  readonly client: ZooKeeperClient;
  readonly metrics: MetricsFan;
  readonly clock: Clock;
}

export function launcherMetrics(options: LauncherMetricsOptions): DaemonMetrics {
  const { launcher, client, metrics, clock } = options;
  const { page, close } = daemonMetrics({
    ...{ program: 'launcher', version: launcher.version, client, metrics, clock },
    config: () => launcher.config,
    samples: () => launcher.gauges.samples(),
  });
  const end = measureRequests(launcher.journal, metrics, clock);
  return {
    page,
    close: () => {
      end();
      close();
    },
  };
}
