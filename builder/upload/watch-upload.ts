/**
 * Watches a running upload: how far it is, told to the log each minute and to statsd every ten
 * seconds, also while nothing moves.
 */
import type { BuilderContext } from '../context.ts';
import { recordProgress } from '../telemetry/upload-metrics.ts';
import { progressFields } from './progress-words.ts';
import { ProgressMeter, type UploadProgress } from './progress.ts';

export interface UploadWatch {
  readonly update: (sentBytes: number, totalBytes: number) => void;
  readonly progress: () => UploadProgress;
  /** The upload has ended, well or not. */
  readonly end: () => void;
}

const GAUGES_MS = 10_000;
/** Of gauges, from line to line in the log. */
const GAUGES_A_LINE = 6;

export function watchUpload(
  about: { readonly image: string; readonly build: string; readonly provider: string },
  { clock, log, metrics, host }: Pick<BuilderContext, 'clock' | 'log' | 'metrics' | 'host'>,
): UploadWatch {
  const meter = new ProgressMeter(clock);
  const labels = { builder: host, image: about.image, provider: about.provider };
  let told = 0;
  let cancel = (): void => undefined;
  const waitToTell = (): void => {
    cancel = clock.after(GAUGES_MS, () => {
      told++;
      recordProgress(metrics, labels, meter.now);
      if (told % GAUGES_A_LINE === 0)
        log.info('upload goes on', { ...about, ...progressFields(meter.now) });
      waitToTell();
    });
  };
  waitToTell();
  return {
    update: (sentBytes, totalBytes) => {
      meter.update(sentBytes, totalBytes);
    },
    progress: () => meter.now,
    end: () => {
      cancel();
      recordProgress(metrics, labels, undefined);
    },
  };
}
