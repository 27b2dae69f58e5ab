/**
 * Whether an image is to be built now, and why, or when to look again. Pure.
 *
 * Conditions: nodepool/builder.py, BuildWorker. Unlike there, a build that failed is not tried again
 * at once but after a pause that grows: what failed a minute ago mostly fails again, and takes an hour.
 * An operator who asks for it anew does not wait.
 */
import { dueAgainAt, type Failures } from './failures.ts';
import { formatsOf, newestFirst, type BuildView, type ImageWish } from './view.ts';

export type BuildReason =
  /** An operator asked for it. */
  | 'requested'
  /** No build can be used. */
  | 'none'
  /** The newest is older than `rebuild-age`. */
  | 'age'
  /** The newest lacks a format that is wanted now. */
  | 'formats'
  /** What goes into it has changed since the newest. */
  | 'inputs';

export type BuildDecision =
  | { readonly kind: 'due'; readonly reason: BuildReason }
  | {
      readonly kind: 'wait';
      readonly why: 'paused' | 'no-formats' | 'fresh' | 'failed';
      /** Seconds since 1970; undefined: only an event changes it. */
      readonly until: number | undefined;
    };

const PAUSES = { firstSeconds: 60, longestSeconds: 3600 };

export interface DueInput {
  readonly wish: ImageWish;
  readonly builds: readonly BuildView[];
  /** Of this builder's builds of the image. */
  readonly failures: Failures | undefined;
  /** The build of which it is known that a new one would have other things put into it. */
  readonly outdated: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

export function decideBuild({ wish, builds, failures, outdated, now }: DueInput): BuildDecision {
  if (wish.isPaused) return { kind: 'wait', why: 'paused', until: undefined };
  if (wish.formats.length === 0) return { kind: 'wait', why: 'no-formats', until: undefined };
  const [newest] = newestFirst(builds.filter(({ record }) => record.state === 'ready'));
  const reason = wish.isRequested ? 'requested' : scheduled(wish, newest, outdated, now);
  if (reason === undefined) {
    const until = (newest?.record.state_time ?? 0) + wish.rebuildAgeSeconds;
    return { kind: 'wait', why: 'fresh', until };
  }
  const until = dueAgainAt(failures, PAUSES);
  const mustWait = until !== undefined && now < until;
  if (mustWait && !(wish.isRequested && wish.isRequestNew))
    return { kind: 'wait', why: 'failed', until };
  return { kind: 'due', reason };
}

function scheduled(
  wish: ImageWish,
  newest: BuildView | undefined,
  outdated: string | undefined,
  now: number,
): BuildReason | undefined {
  if (newest === undefined) return 'none';
  if (now - newest.record.state_time >= wish.rebuildAgeSeconds) return 'age';
  const built = new Set(formatsOf(newest.record));
  if (!wish.formats.every((format) => built.has(format))) return 'formats';
  return newest.id === outdated ? 'inputs' : undefined;
}
