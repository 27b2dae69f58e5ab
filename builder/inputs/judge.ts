/**
 * Whether a build is outdated, from one look at what goes into its image to the next. Pure.
 *
 * A change must be seen twice, so that nothing is built of elements that are just being copied. Where
 * build after build has changed as soon as it is there, mostly it is the build that changes its own
 * elements, and would follow itself for ever: from the second on it has to wait.
 */
import { dueAgainAt } from '../../shared/rules/images/failures.ts';

export interface Look {
  readonly build: string;
  /** When it became usable, in seconds since 1970. */
  readonly builtAt: number;
  /** Of what a new build would have put into it. */
  readonly digest: string;
  /** Whether that is another than what the build has in it. */
  readonly hasChanged: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface Judgement {
  readonly build: string;
  readonly digest: string;
  readonly isOutdated: boolean;
  /** How many builds in a row had changed when they were looked at first. */
  readonly streak: number;
}

const PAUSES = { firstSeconds: 600, longestSeconds: 21_600 };

export function judge(before: Judgement | undefined, look: Look): Judgement {
  const { build, digest, hasChanged } = look;
  const isNew = before?.build !== build;
  const streak = isNew ? (hasChanged ? (before?.streak ?? 0) + 1 : 0) : before.streak;
  const isSteady = !isNew && before.digest === digest;
  return { build, digest, streak, isOutdated: hasChanged && isSteady && !waits(streak, look) };
}

function waits(streak: number, { builtAt, now }: Look): boolean {
  if (streak < 2) return false;
  const dueAt = dueAgainAt({ count: streak - 1, lastAt: builtAt }, PAUSES);
  return dueAt !== undefined && now < dueAt;
}
