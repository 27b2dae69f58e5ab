/**
 * Who is served by a pool before a request: those for which it waits for room already, then those that
 * wait before it in the order of service and that the pool may serve.
 */
import type { Before } from '../../schemas/explanation.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { Pool } from '../pools/pool.ts';
import type { Served } from '../requests/job.ts';
import type { ExplainParts } from './parts.ts';

/** Ids that are named; the rest is counted. */
const MOST_NAMED = 10;

/** For a request that nobody serves yet. */
export function beforeWaiting(parts: ExplainParts, request: StoredRequest, pool: Pool): Before {
  const ids = waitersOf(parts, pool).map((one) => one.request.id);
  const { waiting } = parts.store.requests;
  for (const other of waiting.inOrder((labels) => pool.serves(labels))) {
    if (other.id === request.id) break;
    if (!other.record.declined_by.includes(pool.id)) ids.push(other.id);
  }
  return asBefore(ids);
}

/** For a request that is being served; nobody is before one that does not wait for room. */
export function beforeServed(parts: ExplainParts, served: Served): Before {
  const waiters = waitersOf(parts, served.pool);
  const own = waiters.findIndex((one) => one.request.id === served.request.id);
  return asBefore(waiters.slice(0, Math.max(0, own)).map((one) => one.request.id));
}

/** Requests that wait for the pool's room, in the order in which they get it. */
function waitersOf(parts: ExplainParts, pool: Pool): Served[] {
  const ids = new Set(pool.capacity.waiting.map(({ request }) => request.id));
  return [...ids].flatMap((id) => parts.serving.served(id) ?? []);
}

function asBefore(ids: readonly string[]): Before {
  return { count: ids.length, requests: ids.slice(0, MOST_NAMED) };
}
