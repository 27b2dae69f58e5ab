/**
 * Deletes that happen for sure: tried again until the server confirms or the client is closed.
 *
 * A lock child that stays behind after an abandoned try would block the lock as long as the session
 * lives, so a connection lost at that moment must not be the end of it. Names of lock children are
 * unique, hence a late second delete never hits somebody else's.
 */
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { isNoNode } from '../errors.ts';
import { childOf } from '../paths.ts';
import type { ZooKeeper } from '../types.ts';
import { pause } from './pause.ts';

/** Resolves when the znode is gone. Never rejects. */
export function deleteForSure(client: ZooKeeper, path: string, clock: Clock): Promise<void> {
  return untilDone(client, clock, () => client.delete(path));
}

/**
 * Deletes the child whose name begins with the prefix, where it is not known whether it was ever
 * created. Never rejects.
 */
export function deleteByPrefix(
  client: ZooKeeper,
  lockPath: string,
  prefix: string,
  clock: Clock,
): Promise<void> {
  return untilDone(client, clock, async () => {
    const child = await findByPrefix(client, lockPath, prefix);
    if (child !== undefined) await client.delete(childOf(lockPath, child));
  });
}

/** The name of the child that begins with the prefix, after the server has caught up. */
export async function findByPrefix(
  client: ZooKeeper,
  lockPath: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  // A server that lags behind would not show yet what the one before has done.
  await client.sync(lockPath, { signal });
  const { children } = await client.children(lockPath, { signal });
  return children.find((name) => name.startsWith(prefix));
}

async function untilDone(
  client: ZooKeeper,
  clock: Clock,
  work: () => Promise<void>,
): Promise<void> {
  for (let turn = 0; client.state !== 'closed'; turn++) {
    try {
      await work();
      return;
    } catch (error) {
      if (isNoNode(error) || hasCode(error, 'ZK_CLOSED')) return;
    }
    await pause(clock, turn);
  }
}
