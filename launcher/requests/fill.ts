/**
 * One node of a request: the ready node of the plan, or a launch, which may first wait for quota.
 */
import { InvariantError, messageOf } from '../../shared/base/errors.ts';
import { joinSignals, sleep, untilAborted } from '../../shared/base/wait.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import { toState, type Context } from '../context.ts';
import { failureKind } from '../launch/failure.ts';
import type { PreparedLaunch } from '../launch/launch-plan.ts';
import { launchNode } from '../launch/launch-node.ts';
import type { Reservation } from '../pools/capacity.ts';
import { slotOfNode } from '../inventory/slot-of-node.ts';
import type { ServeJob } from './job.ts';
import type { NodeProgress } from './progress.ts';

export type SlotOutcome =
  | { readonly kind: 'ready'; readonly node: OwnedNode }
  /** The pool can't serve the request. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Not now: no free host, the request is gone, the process stops, or others of the set failed. */
  | { readonly kind: 'unfilled'; readonly reason: string };

export type FillJob = Omit<ServeJob, 'registeredIds'> & {
  readonly zone: string | undefined;
  /** By place: nodes made together with taking the request. */
  readonly prepared: readonly (PreparedLaunch | undefined)[];
  readonly signal: AbortSignal;
};

export async function fillSlot(
  context: Context,
  job: FillJob,
  index: number,
): Promise<SlotOutcome> {
  const planned = job.accepted.plan.nodes[index];
  const progress = progressOf(job, index);
  const reservation = job.reservations[index];
  // A host may take its time to answer; nobody else shall wait for that.
  if (job.pool.provider.connection.inventory) job.onBegun(index);
  try {
    if (planned !== undefined) {
      progress.node = planned;
      progress.enter('taking-ready-node');
      const node = await takeReady(context, job, planned);
      if (node) {
        progress.enter('ready');
        return { kind: 'ready', node };
      }
      progress.node = undefined;
    }
    if (job.pool.provider.connection.inventory) {
      return { kind: 'unfilled', reason: `node ${planned ?? ''} could not be had` };
    }
    return await launchUntilQuotaAllows(context, job, index, reservation);
  } catch (error) {
    const reason = messageOf(error);
    progress.problem ??= reason;
    if (job.signal.aborted || job.gone.aborted) return { kind: 'unfilled', reason };
    if (failureKind(error) === 'lost') {
      if (!job.draining.aborted) {
        context.log.warn('a node could not be had now', { request: job.request.id, error });
      }
      return { kind: 'unfilled', reason };
    }
    context.log.error('a node could not be had', { request: job.request.id, error });
    return { kind: 'failed', reason };
  } finally {
    if (progress.phase !== 'ready') progress.enter('given-up');
    job.onBegun(index);
    reservation?.end();
  }
}

function progressOf(job: FillJob, index: number): NodeProgress {
  const progress = job.progress.nodes[index];
  if (!progress) throw new InvariantError(`request ${job.request.id} has no place ${index}`);
  return progress;
}

/** Reserves a ready node for the request. Undefined if somebody else was quicker. */
async function takeReady(
  context: Context,
  job: FillJob,
  id: string,
): Promise<OwnedNode | undefined> {
  const stored = context.store.nodes.get(id);
  if (stored?.record.state !== 'ready' || stored.record.allocated_to !== null) return undefined;
  const { inventory } = job.pool.provider.connection;
  if (inventory) {
    const slot = slotOfNode(inventory.slots, stored.record);
    if (slot && !(await inventory.isAlive(slot, job.signal))) {
      context.log.warn('host does not answer; its node is withdrawn', {
        node: id,
        host: slot.name,
        request: job.request.id,
      });
      const dead = await context.store.nodes.take(stored, toState(context.clock, 'deleting'));
      await dead?.release();
      return undefined;
    }
  }
  const { record } = job.request;
  const node = await context.store.nodes.take(
    stored,
    { allocated_to: job.request.id, tenant_name: record.tenant_name, requestor: record.requestor },
    { signal: job.signal },
  );
  if (node) {
    context.log.info('ready node taken', {
      event_id: record.event_id,
      request: job.request.id,
      node: id,
    });
  }
  return node;
}

async function launchUntilQuotaAllows(
  context: Context,
  job: FillJob,
  index: number,
  first: Reservation | undefined,
): Promise<SlotOutcome> {
  const progress = progressOf(job, index);
  const { label } = progress;
  let reservation = first;
  let prepared = job.prepared[index];
  for (let refusals = 0; ; refusals++) {
    if (!reservation) {
      job.onBegun(index);
      progress.node = undefined;
      progress.enter('waiting-for-room');
      reservation = await waitForRoom(context, job, label, refusals);
    }
    const outcome = await launchNode(context, {
      pool: job.pool,
      request: job.request,
      label,
      prepared,
      availabilityZone: job.zone,
      reservation,
      progress,
      // A launch that runs is not broken off when the request goes: its node is good for others.
      signal: job.stopping,
      onUnderWay: () => {
        job.onBegun(index);
      },
    });
    if (outcome.kind === 'ready') {
      progress.enter('ready');
      return outcome;
    }
    if (outcome.kind === 'failed') {
      return { kind: 'failed', reason: messageOf(outcome.error) };
    }
    reservation = undefined;
    prepared = undefined;
  }
}

/** The first pause after a second refusal in a row by a cloud that says it has room. */
const REFUSED_MS = 1000;
const LONGEST_REFUSED_MS = 60_000;

/**
 * While this waits the pool takes nothing else. Ends at once when the request is cancelled.
 *
 * `refusals`: how often the cloud has said that it is full, whatever its quota seemed to allow. What it
 * allows is asked for after each; if that does not help, asking it for a machine again at once does not.
 */
async function waitForRoom(
  context: Context,
  job: FillJob,
  label: string,
  refusals: number,
): Promise<Reservation> {
  const { provider, capacity, name } = job.pool;
  const done = job.pool.beginWaiting();
  const { signal, dispose } = joinSignals([job.signal, job.gone, job.draining]);
  try {
    if (refusals > 0) await untilAborted(provider.quotaKnown(), signal);
    const pauseMs = Math.min(REFUSED_MS * 2 ** (refusals - 2), LONGEST_REFUSED_MS);
    if (refusals > 1) await sleep(context.clock, pauseMs, signal);
    const { need } = provider.label(name, label);
    return await capacity.wait(need, job.request, signal);
  } finally {
    dispose();
    done();
  }
}
