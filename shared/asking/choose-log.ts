/**
 * Which log to show, and who has it. Pure.
 *
 * Without a wish for a certain build it is that of the build that runs, else the newest log of all
 * builders and of this machine: records of failed builds go within a minute, their logs stay.
 */
import type { z } from 'zod';

import type { buildLogsSchema } from '../../schemas/builder-status.ts';
import type { BuildRecord } from '../../schemas/records/image.ts';
import type { FoundLog } from '../build-logs/folder.ts';
import type { Asked } from './builders.ts';

export type LogsAnswer = z.infer<typeof buildLogsSchema>;

export interface KnownBuild {
  readonly build: string;
  readonly record: BuildRecord;
}

export interface LogFacts {
  /** The build whose log is wanted; undefined: see above. */
  readonly wanted: string | undefined;
  /** As their records say; those of the image. */
  readonly builds: readonly KnownBuild[];
  readonly answers: readonly Asked<LogsAnswer>[];
  /** Logs in this machine's `build-log-dir`, newest first. */
  readonly local: readonly FoundLog[];
}

export type LogChoice =
  /** A builder has it, or will have it at once. */
  | { readonly kind: 'builder'; readonly build: string; readonly url: string }
  /** It is a file of this machine. */
  | { readonly kind: 'file'; readonly build: string }
  /** There is such a build, but nobody who could be asked has its log. */
  | { readonly kind: 'out-of-reach'; readonly build: string; readonly builder: string | undefined }
  /** There is neither build nor log. */
  | { readonly kind: 'nothing' };

export function chooseLog(facts: LogFacts): LogChoice {
  const running = facts.builds.find(({ record }) => record.state === 'building');
  const build = facts.wanted ?? running?.build ?? newest(facts);
  if (build === undefined) return { kind: 'nothing' };
  const known = facts.builds.find((one) => one.build === build);
  const builder = known?.record.builder;
  const isRunning = running !== undefined && running === known;
  const url = whoHas(facts, build) ?? (isRunning ? urlOf(facts, builder) : undefined);
  if (url !== undefined) return { kind: 'builder', build, url };
  if (facts.local.some((one) => one.build === build)) return { kind: 'file', build };
  return known === undefined && facts.wanted === undefined
    ? { kind: 'nothing' }
    : { kind: 'out-of-reach', build, builder };
}

/** By the last change of its log; where there is no log, by that of its record. */
function newest({ answers, local, builds }: LogFacts): string | undefined {
  const logs = [
    ...answers.flatMap(({ answer }) =>
      (answer?.logs ?? []).map(({ build, changed }) => ({ build, changed })),
    ),
    ...local.map(({ build, changedMs }) => ({ build, changed: changedMs / 1000 })),
    ...builds
      // Its time is that of the deletion.
      .filter(({ record }) => record.state !== 'deleting')
      .map(({ build, record }) => ({ build, changed: record.state_time })),
  ];
  return logs.toSorted((a, b) => b.changed - a.changed)[0]?.build;
}

function whoHas({ answers }: LogFacts, build: string): string | undefined {
  return answers.find(({ answer }) => answer?.logs.some((one) => one.build === build))?.url;
}

/** Of a build that has begun just now, the log may be yet to come. */
function urlOf({ answers }: LogFacts, builder: string | undefined): string | undefined {
  return answers.find(({ answer }) => answer !== undefined && answer.builder === builder)?.url;
}
