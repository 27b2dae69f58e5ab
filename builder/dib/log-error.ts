/** What a build fails with when its log cannot be written. */
import { messageOf, NodepoolError } from '../../shared/base/errors.ts';

/** The write's outcome. @throws NodepoolError NP_BUILD_FAILED with the system's words. */
export async function toLog<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    const text = `the log of the build cannot be written: ${messageOf(cause)}`;
    throw new NodepoolError('NP_BUILD_FAILED', text, { cause });
  }
}
