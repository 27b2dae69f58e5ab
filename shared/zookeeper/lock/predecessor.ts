/**
 * Waiting for the contender in front of us. It is watched by reading it, so no watch stays behind
 * on a znode that is gone; and it wakes us at each change, after which the caller looks again.
 */
import { hasLabel } from '../../base/errors.ts';
import { untilAborted } from '../../base/wait.ts';
import { isNoNode } from '../errors.ts';
import type { SessionHandle, ZooKeeper } from '../types.ts';
import { onSessionEnd } from './session-end.ts';

/**
 * Resolves when the znode changed or is gone, when the connection was lost in between or the
 * session ended; rejects with the signal's reason.
 */
export async function untilChanged(
  client: ZooKeeper,
  path: string,
  options: { session: SessionHandle | undefined; signal: AbortSignal },
): Promise<void> {
  const { session, signal } = options;
  let forget = (): void => undefined;
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  if (session !== undefined) forget = onSessionEnd(session, wake);
  try {
    await client.get(path, { signal, watchOnce: wake });
    await untilAborted(woken, signal);
  } catch (error) {
    if (!isNoNode(error) && (signal.aborted || !hasLabel(error, 'retryable'))) throw error;
  } finally {
    forget();
  }
}
