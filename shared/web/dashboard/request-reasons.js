/**
 * Why each request waits, from the launcher's status: made once for each status, looked up by id.
 *
 * @import { LauncherStatus } from './types.ts'
 */

/** @typedef {{ reason: string, code: string, small: string, at: number }} WaitReason */

/** @type {WeakMap<object, ReadonlyMap<string, WaitReason>>} */
const made = new WeakMap();
/** @type {ReadonlyMap<string, WaitReason>} */
const NONE = new Map();

/**
 * @param {LauncherStatus | undefined} status
 * @returns {ReadonlyMap<string, WaitReason>} by the request's id; `at`: its place in the order of service
 */
export function reasonsOf(status) {
  if (status === undefined) return NONE;
  let reasons = made.get(status);
  if (reasons === undefined) {
    reasons = new Map(
      status.requests.map(({ id, reason, code }, at) => [
        id,
        { reason, code, small: `${reason}\n${code}`.toLowerCase(), at },
      ]),
    );
    made.set(status, reasons);
  }
  return reasons;
}
