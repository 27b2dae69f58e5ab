/**
 * Requests that are `pending` while nobody holds their lock: whoever served them is gone. What was
 * begun is undone, and the request waits again. Zuul sees nothing of it.
 */
import type { StoredRequest } from '../../shared/store/requests.ts';
import { toState, type Context } from '../context.ts';

/** Answers how many were reset. */
export async function resetLostRequests(
  context: Context,
  isOurs: (id: string) => boolean,
): Promise<number> {
  let count = 0;
  for (const request of [...context.store.requests.cache.values()]) {
    if (request.record.state !== 'pending' || isOurs(request.id)) continue;
    if (await resetLostRequest(context, request)) count++;
  }
  return count;
}

async function resetLostRequest(context: Context, stored: StoredRequest): Promise<boolean> {
  const { store } = context;
  const request = await store.requests.take(stored, {});
  if (!request) return false;
  for (const id of [...store.usage.reservedFor(stored.id)]) {
    const node = store.nodes.get(id);
    if (!node || store.nodes.isLocked(id)) continue;
    const isUnfinished = node.record.state === 'init' || node.record.state === 'building';
    const owned = await store.nodes.take(node, {
      allocated_to: null,
      ...(isUnfinished ? toState(context.clock, 'deleting') : {}),
    });
    await owned?.release();
  }
  await store
    .transaction()
    .set(request, { ...toState(context.clock, 'requested'), nodes: [] })
    .release(request)
    .commit();
  context.log.info('request waits again: who served it is gone', {
    event_id: stored.record.event_id,
    request: stored.id,
  });
  return true;
}
