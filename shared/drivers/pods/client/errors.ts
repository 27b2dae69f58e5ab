/** What a cluster's refusals mean. */

/** Whether a creation was refused because something of that name is there, or on its way out. */
export function isTaken(_error: unknown): boolean {
  return false;
}

/**
 * Whether a creation was refused because the cluster has not got so far: a namespace's default service
 * account, or the sums of a quota, are made a moment after it. Worth a few more tries, a second apart.
 */
export function isTooEarly(_error: unknown): boolean {
  return false;
}
