/**
 * What a builder's web server tells in JSON and the command line reads. One definition for both sides,
 * since they may be of different versions: a reader takes what it knows and ignores the rest.
 *
 * Times are Unix seconds, sizes bytes.
 */
import { z } from 'zod';

/** The script of an element that runs in a build. */
const buildStepSchema = z.object({
  /** Null: the log does not tell. */
  element: z.string().nullable(),
  /** As diskimage-builder has them: `install.d`. */
  phase: z.string(),
  script: z.string(),
});

export const runningBuildSchema = z.object({
  image: z.string(),
  build: z.string(),
  formats: z.array(z.string()),
  since: z.number(),
  /** Null: no script runs, or the log does not tell. */
  step: buildStepSchema.nullable(),
  log_bytes: z.number(),
});

export const buildsSchema = z.object({
  builder: z.string(),
  builds: z.array(runningBuildSchema),
});

export const runningUploadSchema = z.object({
  image: z.string(),
  build: z.string(),
  provider: z.string(),
  upload: z.string(),
  sent_bytes: z.number(),
  /** 0 while it is not known. */
  total_bytes: z.number(),
  percent: z.number(),
  /** Of the last half minute. */
  bytes_per_second: z.number(),
  /** Null while nothing moves. */
  seconds_left: z.number().nullable(),
  seconds: z.number(),
});
export type RunningUploadStatus = Readonly<z.infer<typeof runningUploadSchema>>;

export const uploadsSchema = z.object({
  builder: z.string(),
  uploads: z.array(runningUploadSchema),
});

/** What each builder does, as the launcher's stream of events tells it: its event `builders`. */
export const builderNewsSchema = z.object({
  builders: z.array(
    z.object({
      /** As it is registered. */
      host: z.string(),
      /** False: see `problem`. Python's builders have no web server. */
      reachable: z.boolean(),
      problem: z.string().nullable(),
      builds: z.array(runningBuildSchema),
      uploads: z.array(runningUploadSchema),
    }),
  ),
});
export type BuilderNews = z.infer<typeof builderNewsSchema>;

/** The logs that a builder has of an image, newest first. */
export const buildLogsSchema = z.object({
  builder: z.string(),
  logs: z.array(z.object({ build: z.string(), bytes: z.number(), changed: z.number() })),
});
