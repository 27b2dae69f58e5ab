/**
 * Lock znodes of requests that are long gone. One stays behind for each request, since its lock is not
 * below it; they are removed when they are old and nobody asks for the lock.
 */
import { REQUEST_LOCKS, requestLockPath } from '../../shared/store/paths.ts';
import { isNoNode, isNotEmpty } from '../../shared/zookeeper/errors.ts';
import type { Context } from '../context.ts';

/** Looked at in one round; the rest has its turn in the next. */
const MOST_IN_A_ROUND = 2000;

export class RequestLockSweeper {
  /** When each lock of a vanished request was first seen; by our clock, so no skew matters. */
  #firstSeen = new Map<string, number>();

  /** Answers how many were removed. */
  async sweep(context: Context, maxAgeSeconds: number): Promise<number> {
    const seen = new Map<string, number>();
    const now = context.clock.monotonic();
    let removed = 0;
    let looked = 0;
    for (const id of await context.store.requests.lockIds()) {
      if (context.store.requests.get(id)) continue;
      const since = this.#firstSeen.get(id);
      if (since === undefined && looked < MOST_IN_A_ROUND) {
        looked++;
        const stat = await context.store.client.exists(requestLockPath(id));
        const ageMs = stat ? Math.max(0, context.clock.now() - stat.mtime) : 0;
        seen.set(id, now - ageMs);
      } else if (since !== undefined) {
        seen.set(id, since);
      }
      const first = seen.get(id);
      if (first === undefined || now - first < maxAgeSeconds * 1000) continue;
      if (await removeLock(context, id)) {
        removed++;
        seen.delete(id);
      }
    }
    this.#firstSeen = seen;
    return removed;
  }
}

async function removeLock(context: Context, id: string): Promise<boolean> {
  try {
    await context.store.client.delete(`${REQUEST_LOCKS}/${id}`);
    return true;
  } catch (error) {
    if (isNoNode(error)) return true;
    if (isNotEmpty(error)) return false;
    throw error;
  }
}
