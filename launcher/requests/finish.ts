/**
 * The ends of a request. Each is one transaction in the order that Zuul relies on: nodes unlocked, then
 * the request stored, then the request unlocked.
 */
import type { RequestRecord } from '../../schemas/records/request.ts';
import { isBadVersion, isNoNode } from '../../shared/zookeeper/errors.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { OwnedRequest } from '../../shared/store/requests.ts';
import { sayReasons, type DeclineCode, type Reason } from '../assignment/reasons.ts';
import { toState, type Context } from '../context.ts';
import type { ServeJob, ServeResult } from './job.ts';

/** All nodes are there. They are answered in the order of the labels asked for. */
export async function fulfil(
  context: Context,
  request: OwnedRequest,
  nodes: readonly OwnedNode[],
): Promise<ServeResult> {
  const transaction = context.store.transaction();
  for (const node of nodes) transaction.release(node);
  transaction.set(request, {
    ...toState(context.clock, 'fulfilled'),
    nodes: nodes.map((node) => node.id),
  });
  transaction.release(request);
  try {
    await transaction.commit();
    return 'fulfilled';
  } catch (error) {
    if (!isNoNode(error) || request.signal.aborted) throw error;
    // Cancelled in the last moment: the request's znode is gone, our locks are not.
    await freeNodes(context, nodes);
    await request.release();
    return 'gone';
  }
}

/** Nobody wants the nodes any more: ready ones serve others. */
export async function freeNodes(context: Context, nodes: readonly OwnedNode[]): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      context.store.transaction().set(node, { allocated_to: null }).release(node).commit(),
    ),
  );
}

/** This pool can't serve the request; when no pool online is left, nobody can. */
export async function declineOwned(
  context: Context,
  job: Pick<ServeJob, 'pool' | 'registeredIds'>,
  ended: {
    readonly request: OwnedRequest;
    readonly nodes: readonly OwnedNode[];
    readonly reasons: readonly Reason<DeclineCode>[];
  },
): Promise<void> {
  const { request, nodes, reasons } = ended;
  const patch = declinePatch(request.record, [job.pool.id], job.registeredIds());
  await close(context, request, nodes, patch);
  context.log.info('request declined', {
    event_id: request.record.event_id,
    request: request.id,
    provider: job.pool.provider.name,
    pool: job.pool.name,
    reason: sayReasons(reasons),
    state: patch.state,
  });
}

/** Not now: the request waits again, for any pool. */
export async function handBack(
  context: Context,
  request: OwnedRequest,
  nodes: readonly OwnedNode[],
): Promise<void> {
  await close(context, request, nodes, { state: 'requested', nodes: [] });
}

/**
 * What a decline writes. `failed` once every pool online has declined, or none is online. Pure.
 */
export function declinePatch(
  record: Pick<RequestRecord, 'declined_by'>,
  declining: readonly string[],
  registered: readonly string[],
): { state: 'requested' | 'failed'; declined_by: string[] } {
  const declined_by = [...new Set([...record.declined_by, ...declining])];
  const isLast = registered.every((id) => declined_by.includes(id));
  return { state: isLast ? 'failed' : 'requested', declined_by };
}

async function close(
  context: Context,
  request: OwnedRequest,
  nodes: readonly OwnedNode[],
  patch: Partial<RequestRecord> & { state: RequestRecord['state'] },
): Promise<void> {
  const transaction = context.store.transaction();
  for (const node of nodes) transaction.set(node, { allocated_to: null }).release(node);
  transaction.set(request, { ...patch, ...toState(context.clock, patch.state) });
  transaction.release(request);
  try {
    await transaction.commit();
  } catch (error) {
    if (!isNoNode(error) && !isBadVersion(error)) throw error;
    await freeNodes(context, nodes);
    await request.release();
  }
}
