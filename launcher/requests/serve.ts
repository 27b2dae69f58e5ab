/**
 * One accepted request, from the lock to its end. A straight line:
 *
 *   lock and `pending` in one step -> a node for each label (ready ones, launches) -> all there?
 *     yes -> `fulfilled`
 *     request gone in the meantime -> nodes are freed
 *     a launch failed -> declined
 *     no free host, its room is needed before, the pool is drained, or the process stops
 *                     -> back to `requested`
 *
 * If the session is lost nothing is written any more: the locks are gone, and any launcher undoes what
 * was begun. A request that is cancelled while it waits for quota stops waiting at once.
 */
import { NodepoolError } from '../../shared/base/errors.ts';
import { joinSignals } from '../../shared/base/wait.ts';
import { handOut } from '../../shared/store/hand-out.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import type { OwnedRequest } from '../../shared/store/requests.ts';
import { toState, type Context } from '../context.ts';
import { declineOwned, freeNodes, fulfil, handBack } from './finish.ts';
import { fillSlot, type SlotOutcome } from './fill.ts';
import type { ServeJob, ServeResult } from './job.ts';
import { takePrepared, type Taken } from './take-prepared.ts';

export async function serveRequest(context: Context, job: ServeJob): Promise<ServeResult> {
  const log = context.log.with({ event_id: job.request.record.event_id, request: job.request.id });
  if (await handOutReady(context, job)) return 'fulfilled';
  const taken = await takePrepared(context, job);
  if (!taken) return 'not-taken';
  log.info('request accepted', {
    provider: job.pool.provider.name,
    pool: job.pool.name,
    labels: job.request.record.node_types,
    ready_nodes: job.accepted.plan.nodes.filter((node) => node !== undefined).length,
  });
  const result = await complete(context, job, taken);
  // These have their own lines, with the reason.
  if (result !== 'declined' && result !== 'handed-back')
    log.info(`request ${result}`, { provider: job.pool.provider.name, pool: job.pool.name });
  return result;
}

/**
 * Where all nodes are ready the request is fulfilled in one transaction. False where that is not so,
 * or did not succeed because something is locked: the long way follows.
 */
async function handOutReady(context: Context, job: ServeJob): Promise<boolean> {
  const { store, clock } = context;
  const { request, pool } = job;
  // Hosts are asked first whether they live.
  if (pool.provider.connection.inventory || request.record.node_types.length === 0) return false;
  const nodes = job.accepted.plan.nodes.map((id) => (id === undefined ? id : store.nodes.get(id)));
  const ready = nodes.filter(
    (node) => node?.record.state === 'ready' && node.record.allocated_to === null,
  );
  if (ready.length < nodes.length) return false;
  const { tenant_name, requestor, event_id } = request.record;
  const chosen = ready.filter((node) => node !== undefined);
  const isDone = await handOut(
    store,
    {
      request,
      fulfilled: { ...toState(clock, 'fulfilled'), nodes: chosen.map(({ id }) => id) },
      nodes: chosen,
      reserved: { allocated_to: request.id, tenant_name, requestor },
    },
    { signal: job.stopping },
  );
  if (isDone) {
    for (const [index, { id }] of chosen.entries()) {
      const progress = job.progress.nodes[index];
      if (!progress) continue;
      progress.node = id;
      progress.enter('ready');
    }
    context.log.info('request fulfilled with ready nodes', {
      event_id,
      request: request.id,
      provider: pool.provider.name,
      pool: pool.name,
      nodes: chosen.map(({ id }) => id),
    });
  }
  return isDone;
}

async function complete(
  context: Context,
  job: ServeJob,
  { request, prepared }: Taken,
): Promise<ServeResult> {
  const giveUp = new AbortController();
  const ends = [job.stopping, job.yielding, request.signal, giveUp.signal];
  const { signal, dispose } = joinSignals(ends);
  const zone = chooseZone(context, job);
  let open = request.record.node_types.length;
  const filling = Promise.all(
    request.record.node_types.map(async (_, index) => {
      const outcome = await fillSlot(
        context,
        { ...job, request: job.request, prepared, zone, signal },
        index,
      );
      // One that can't be had makes waiting for the others pointless; launches go on.
      if (outcome.kind !== 'ready') giveUp.abort(new NodepoolError('NP_ABORTED', outcome.reason));
      open--;
      // The last node is written with the request's end; the others are seen ready meanwhile.
      if (outcome.kind === 'ready' && open > 0) await writeStaged(context, outcome.node);
      return outcome;
    }),
  );
  job.onFilling();
  const outcomes = await filling.finally(dispose);
  const nodes = outcomes.flatMap((one) => (one.kind === 'ready' ? [one.node] : []));
  if (request.signal.aborted) return 'lost';
  try {
    return await settle(context, job, request, { outcomes, nodes });
  } catch (error) {
    // Never keep a lock behind an error: unlocked, any launcher's upkeep puts all of it right.
    await Promise.all([...nodes, request].map((owned) => owned.release()));
    throw error;
  }
}

async function settle(
  context: Context,
  job: ServeJob,
  request: OwnedRequest,
  filled: { readonly outcomes: readonly SlotOutcome[]; readonly nodes: readonly OwnedNode[] },
): Promise<ServeResult> {
  const { outcomes, nodes } = filled;
  if (job.gone.aborted) {
    await freeNodes(context, nodes);
    await request.release();
    return 'gone';
  }
  if (nodes.length === outcomes.length) return fulfil(context, request, nodes);
  const failed = outcomes.find((one) => one.kind === 'failed');
  // A cloud in trouble is drained: that its launches fail says nothing of the request.
  if (failed && !job.pool.isDrained) {
    const reason = { code: 'launch-failed', text: failed.reason } as const;
    await declineOwned(context, job, { request, nodes, reasons: [reason] });
    job.onDeclined([reason]);
    return 'declined';
  }
  await handBack(context, request, nodes);
  context.log.info('request handed-back', {
    ...{ event_id: job.request.record.event_id, request: request.id },
    ...{ provider: job.pool.provider.name, pool: job.pool.name },
    // Of the first node that could not be had; the others were then given up for it.
    reason: failed?.reason ?? outcomes.find((one) => one.kind === 'unfilled')?.reason,
  });
  return 'handed-back';
}

/** A failure shows again when the set is settled; the node is not lost by it. */
async function writeStaged(context: Context, node: OwnedNode): Promise<void> {
  if (!node.hasStaged) return;
  try {
    await context.store.transaction().set(node, {}).commit();
  } catch (error) {
    context.log.warn('a ready node is not written yet', { node: node.id, error });
  }
}

/** All nodes of a request stand in one zone, later attempts too. */
function chooseZone(context: Context, job: ServeJob): string | undefined {
  const { plan } = job.accepted;
  if (plan.availabilityZone !== undefined) return plan.availabilityZone;
  const own = job.pool.config.availabilityZones;
  const zones = own.length > 0 ? own : job.pool.provider.zones;
  return zones[Math.floor(context.random() * zones.length)];
}
