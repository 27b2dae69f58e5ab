/**
 * The last word on hours of work: a write that waits for the connection, as long as the lock that
 * fences it may still be held.
 */
import type { Clock } from '../shared/base/clock.ts';
import { hasLabel } from '../shared/base/errors.ts';
import { onAbort, throwIfAborted } from '../shared/base/wait.ts';
import type { Owned } from '../shared/store/owned.ts';
import { Transaction } from '../shared/store/transaction.ts';
import type { HeldLock } from '../shared/zookeeper/lock.ts';
import type { ZooKeeper } from '../shared/zookeeper/types.ts';
import { toState } from './context.ts';

/**
 * Writes the state in which work has ended, and gives the lock back with it. Rejects with ZK_LOCK_LOST
 * when the lock is gone.
 */
export async function writeEnd<R extends { readonly state: string; readonly state_time: number }>(
  client: ZooKeeper,
  clock: Clock,
  owned: Owned<R>,
  patch: Partial<R> & Pick<R, 'state'>,
): Promise<void> {
  await persist(client, owned.held, () =>
    new Transaction(client)
      .set(owned, { ...patch, ...toState(clock, patch.state) })
      .release(owned)
      .commit(),
  );
}

/**
 * The same with a write after it that whoever gets the lock next must find done. `end` has the state
 * and its time.
 */
export async function writeEndAnd<R extends object>(
  client: ZooKeeper,
  owned: Owned<R>,
  end: Partial<R>,
  write: () => Promise<void>,
): Promise<void> {
  await persist(client, owned.held, () => new Transaction(client).set(owned, end).commit());
  await persist(client, owned.held, write);
  await owned.release();
}

/** Rejects with ZK_LOCK_LOST when the lock is gone, else with what no repetition would change. */
async function persist(
  client: ZooKeeper,
  held: HeldLock,
  write: () => Promise<void>,
): Promise<void> {
  for (;;) {
    throwIfAborted(held.signal);
    try {
      await write();
      return;
    } catch (error) {
      throwIfAborted(held.signal);
      if (!hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous')) throw error;
      await untilConnected(client, held.signal);
    }
  }
}

/** Resolves when there is a connection, or the signal aborts. */
function untilConnected(client: ZooKeeper, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const waits: (() => void)[] = [];
    const done = (): void => {
      for (const forget of waits) forget();
      resolve();
    };
    waits.push(
      client.onState((state) => {
        if (state === 'connected') done();
      }),
    );
    waits.push(onAbort(signal, done));
    if (client.state === 'connected') done();
  });
}
