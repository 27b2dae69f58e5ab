/**
 * The right to do what a decision wants done: its lock, and the decision once more, now that nobody
 * else can do the same. The cache then has all that was done before.
 */
import type { HeldLock } from '../shared/zookeeper/lock.ts';
import type { BuilderContext } from './context.ts';

/** Undefined: somebody else has the lock, or it need not be done any more. */
export async function claim(
  { images }: Pick<BuilderContext, 'images'>,
  lock: () => Promise<HeldLock | undefined>,
  isWanted: () => boolean,
  signal: AbortSignal,
): Promise<HeldLock | undefined> {
  const held = await lock();
  if (held === undefined) return undefined;
  try {
    await images.tree.caughtUp(signal);
    if (isWanted()) return held;
  } catch (error) {
    await held.release();
    throw error;
  }
  await held.release();
  return undefined;
}
