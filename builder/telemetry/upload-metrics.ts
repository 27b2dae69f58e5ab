/**
 * What statsd is told of uploads: the original's timer and counter of each that has gone well
 * (nodepool/builder.py, UploadWorker), and gauges of ours of those that run.
 */
import type { Metrics } from '../../shared/telemetry/metrics.ts';
import type { UploadProgress } from '../upload/progress.ts';

export interface UploadOf {
  readonly image: string;
  readonly provider: string;
}

/** `ms`: the hook's time included. */
export function recordUpload(metrics: Metrics, { image, provider }: UploadOf, ms: number): void {
  const key = `nodepool.image_update.${image}.${provider}`;
  metrics.timing(key, Math.trunc(ms));
  metrics.increment(key);
}

/** What all gauges of one upload on one builder begin with. */
export function uploadKey(host: string, { image, provider }: UploadOf): string {
  return `nodepool.builder.${host}.image.${image}.provider.${provider}.upload`;
}

/** Undefined: it has ended, and all are zero. */
export function recordProgress(
  metrics: Metrics,
  key: string,
  progress: UploadProgress | undefined,
): void {
  metrics.gauge(`${key}.bytes`, progress?.sentBytes ?? 0);
  metrics.gauge(`${key}.percent`, progress?.percent ?? 0);
  metrics.gauge(`${key}.rate`, progress?.bytesPerSecond ?? 0);
}
