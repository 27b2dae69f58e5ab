/**
 * What statsd is told of uploads: the original's timer and counter of each that has gone well
 * (nodepool/builder.py, UploadWorker), and gauges of ours of those that run.
 */
import type { Labels } from '../../shared/telemetry/metric.ts';
import type { Metrics } from '../../shared/telemetry/metrics.ts';
import * as names from '../../shared/telemetry/names/images.ts';
import type { UploadProgress } from '../upload/progress.ts';

export interface UploadOf {
  readonly image: string;
  readonly provider: string;
}

/** `ms`: the hook's time included. */
export function recordUpload(metrics: Metrics, { image, provider }: UploadOf, ms: number): void {
  const labels = { image, provider };
  metrics.timing(names.uploadTimer, labels, Math.trunc(ms));
  metrics.increment(names.uploaded, labels);
}

/** Of all gauges of one upload on one builder. */
export type UploadLabels = Labels<'builder' | 'image' | 'provider'>;

/** Undefined: it has ended, and all are zero. */
export function recordProgress(
  metrics: Metrics,
  labels: UploadLabels,
  progress: UploadProgress | undefined,
): void {
  metrics.gauge(names.uploadBytes, labels, progress?.sentBytes ?? 0);
  metrics.gauge(names.uploadPercent, labels, progress?.percent ?? 0);
  metrics.gauge(names.uploadRate, labels, progress?.bytesPerSecond ?? 0);
}
