/** What the builder's web server shows: what runs now, from memory, and logs from the disk. */
import type { LogWriter } from '../../shared/build-logs/read-log.ts';
import { buildPath, type BuildKey } from '../../shared/store/paths.ts';
import type { RunningBuild } from '../build/running-builds.ts';
import type { Builder } from '../builder.ts';
import type { RunningUpload } from '../upload/upload-image.ts';

export interface BuilderWebSource {
  /** Fully qualified, as records name the builder. */
  readonly host: string;
  /** `build-log-dir`. */
  readonly logFolder: string;
  isReady(): boolean;
  builds(): readonly RunningBuild[];
  uploads(): readonly RunningUpload[];
  writerOf(key: BuildKey): LogWriter;
}

export function builderSource(
  builder: Builder,
  { host, logFolder }: Pick<BuilderWebSource, 'host' | 'logFolder'>,
): BuilderWebSource {
  const { running, images } = builder;
  return {
    host,
    logFolder,
    isReady: () => builder.isReady,
    builds: () => running.list(),
    uploads: () => builder.describe().uploading,
    writerOf: (key) => ({
      // Another builder of this machine, Python's too, writes to the same folder.
      isWriting: () =>
        running.has(key) || images.builds.get(buildPath(key))?.record.state === 'building',
      onChange: (listener) => running.onChange(listener),
    }),
  };
}
