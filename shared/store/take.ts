/**
 * Locking a record and changing it in one step: all or nothing, and only if the record is still the
 * one that the decision was made on.
 */
import { InvariantError } from '../base/errors.ts';
import { isBadVersion, isNoNode } from '../zookeeper/errors.ts';
import type { Lock, TryAcquireOptions } from '../zookeeper/lock.ts';
import type { MultiOp, MultiResult } from '../zookeeper/types.ts';
import { Owned } from './owned.ts';
import type { RecordCache, Stored } from './record-cache.ts';
import { written } from './written.ts';

/**
 * Undefined: locked by somebody else, gone, or changed in the meantime; the cache tells when that
 * ends.
 */
export async function take<R extends object>(
  cache: RecordCache<R>,
  lock: Lock,
  stored: Stored<R>,
  change: {
    patch: Partial<R>;
    options: Omit<TryAcquireOptions, 'also'>;
    /** What happens in the same transaction, and what is told of its answers. */
    also?: { ops: readonly MultiOp[]; onDone: (results: readonly MultiResult[]) => void };
  },
): Promise<Owned<R> | undefined> {
  const record = { ...stored.record, ...change.patch };
  const data = cache.encode(record);
  const write = { op: 'set', path: stored.path, data, version: stored.version } as const;
  try {
    const acquired = await cache.tree.write(
      { paths: [stored.path] },
      () => lock.tryAcquire({ ...change.options, also: [write, ...(change.also?.ops ?? [])] }),
      (result) => written(stored.path, data, result?.results[0]),
    );
    if (!acquired) return undefined;
    const [answer, ...others] = acquired.results;
    if (answer?.op !== 'set') throw new InvariantError('a lock came without its write');
    const owned = new Owned(cache, stored, acquired.held);
    owned.settle(record, answer.stat.version);
    change.also?.onDone(others);
    return owned;
  } catch (error) {
    if (isBadVersion(error) || isNoNode(error)) return undefined;
    throw error;
  }
}
