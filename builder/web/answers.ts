/** What is told in JSON, in the words of schemas/builder-status.ts. Pure. */
import type { z } from 'zod';

import type { buildLogsSchema, buildsSchema, uploadsSchema } from '../../schemas/builder-status.ts';
import type { FoundLog } from '../../shared/build-logs/folder.ts';
import type { RunningBuild } from '../build/running-builds.ts';
import type { RunningUpload } from '../upload/upload-image.ts';
import type { LogProgress } from './log-progress.ts';

/** `logs`: of the builds, in their order. */
export function buildsAnswer(
  builder: string,
  builds: readonly RunningBuild[],
  logs: readonly LogProgress[],
): z.infer<typeof buildsSchema> {
  return {
    builder,
    builds: builds.map(({ image, build, formats, sinceMs }, index) => {
      const { step, sizeBytes = 0 } = logs[index] ?? {};
      return {
        ...{ image, build, formats: [...formats], since: sinceMs / 1000 },
        step: step ? { ...step, element: step.element ?? null } : null,
        log_bytes: sizeBytes,
      };
    }),
  };
}

export function uploadsAnswer(
  builder: string,
  uploads: readonly RunningUpload[],
): z.infer<typeof uploadsSchema> {
  return {
    builder,
    uploads: uploads.map(({ image, build, provider, upload, progress }) => ({
      ...{ image, build, provider, upload },
      sent_bytes: progress.sentBytes,
      total_bytes: progress.totalBytes,
      percent: progress.percent,
      bytes_per_second: progress.bytesPerSecond,
      seconds_left: progress.secondsLeft ?? null,
      seconds: progress.seconds,
    })),
  };
}

export function logsAnswer(
  builder: string,
  logs: readonly FoundLog[],
): z.infer<typeof buildLogsSchema> {
  return {
    builder,
    logs: logs.map(({ build, sizeBytes, changedMs }) => ({
      ...{ build, bytes: sizeBytes, changed: changedMs / 1000 },
    })),
  };
}
