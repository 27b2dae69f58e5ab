/** When what failed is tried again: after a pause that doubles with each failure in a row. Pure. */

export interface Failures {
  /** In a row. */
  readonly count: number;
  /** When the last of them ended, in seconds since 1970. */
  readonly lastAt: number;
}

export interface RetryPauses {
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

/** Seconds since 1970; undefined: nothing has failed. */
export function dueAgainAt(
  failures: Failures | undefined,
  pauses: RetryPauses,
): number | undefined {
  if (failures === undefined) return undefined;
  const { firstSeconds, longestSeconds } = pauses;
  return failures.lastAt + Math.min(firstSeconds * 2 ** (failures.count - 1), longestSeconds);
}
