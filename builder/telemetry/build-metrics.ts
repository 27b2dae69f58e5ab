/**
 * What statsd is told of runs of diskimage-builder.
 *
 * Names and moments are those of nodepool/builder.py, BuildWorker: duration and exit code of every run
 * that has ended or ran out of time, sizes of what a good one made.
 */
import type { Metrics } from '../../shared/telemetry/metrics.ts';
import * as names from '../../shared/telemetry/names/images.ts';

/** The original's exit code of a run that was ended because its time was up. */
export const TIMED_OUT = 1;

export interface EndedRun {
  readonly image: string;
  readonly exitCode: number;
  readonly ms: number;
  /** Milliseconds since 1970. */
  readonly endedAtMs: number;
}

export function recordRun(metrics: Metrics, { image, exitCode, ms, endedAtMs }: EndedRun): void {
  const labels = { image, ext: 'status' };
  metrics.timing(names.dibDuration, labels, Math.trunc(ms));
  metrics.gauge(names.dibResultCode, labels, exitCode);
  metrics.gauge(names.dibLastBuild, labels, Math.floor(endedAtMs / 1000));
}

/** `bytes`: as they take room on the disk; files of images have holes. */
export function recordSize(metrics: Metrics, image: string, format: string, bytes: number): void {
  metrics.gauge(names.dibSize, { image, ext: format }, bytes);
}
