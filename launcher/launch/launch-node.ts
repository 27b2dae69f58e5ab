/**
 * A new node for a request: its znode, then attempts until one succeeds.
 *
 *   init -> building -> ready
 *              |-> aborted   (the cloud is full: the request waits and makes another node)
 *              +-> failed    (launch-retries attempts were in vain)
 *
 * The znode exists before the cloud is asked; its lock may come a moment later. Between attempts what
 * the last one made is deleted first, so there are never two machines of one node. An image that is
 * replaced meanwhile, and may be gone, costs no attempt: the newer one is tried. A node that is not
 * ready in the end is unlocked in a state in which the deleter, ours or another launcher's, takes it.
 */
import type { PoolLabel } from '../../schemas/config/model.ts';
import { CloudError, messageOf } from '../../shared/base/errors.ts';
import { joinSignals } from '../../shared/base/wait.ts';
import type { OwnedNode, StoredNode } from '../../shared/store/nodes.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import { toState, type Context } from '../context.ts';
import type { Reservation } from '../pools/capacity.ts';
import type { Pool } from '../pools/pool.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { attemptLaunch, type AttemptJob } from './attempt.ts';
import { deleteAttempt, tellOfAttempt } from './failed-attempt.ts';
import { failureKind } from './failure.ts';
import type { NodeProgress } from '../requests/progress.ts';
import {
  newerImage,
  planLaunch,
  type LaunchImage,
  type LaunchPlan,
  type PreparedLaunch,
} from './launch-plan.ts';
import { launchMetadata, ownId, requestFacts } from './node-fields.ts';
import { recordLaunch } from './launch-metrics.ts';
import { whileTaking } from './while-taking.ts';

export interface LaunchJob {
  readonly pool: Pool;
  readonly request: StoredRequest;
  readonly label: string;
  readonly availabilityZone: string | undefined;
  /** Made together with taking the request; undefined: to be made. */
  readonly prepared: PreparedLaunch | undefined;
  /** Its room is given back as soon as the node counts in the caches. */
  readonly reservation: Reservation;
  /** Written along the way. */
  readonly progress: NodeProgress;
  readonly signal: AbortSignal;
  /** Called when the node's znode is there and the cloud is about to be asked. */
  readonly onUnderWay: () => void;
}

export type LaunchOutcome =
  | { readonly kind: 'ready'; readonly node: OwnedNode }
  | { readonly kind: 'quota' }
  | { readonly kind: 'failed'; readonly error: unknown };

export async function launchNode(context: Context, job: LaunchJob): Promise<LaunchOutcome> {
  const provider = job.pool.provider;
  const done = provider.begin();
  const began = context.clock.monotonic();
  try {
    const plan = job.prepared?.plan ?? planLaunch(context, job);
    job.progress.enter('making-record');
    const { id: nodeId, ...stored } = await makeRecord(context, job, plan);
    const { label, image } = plan;
    const run = { provider, label, image, nodeId, began };
    beginAttempt(job, 1);
    const taking = {
      ...{ provider, nodeId, signal: job.signal },
      owned: takeNode(context, job, label, { id: nodeId, ...stored }),
    };
    const { node, first } = await whileTaking(context, taking, (parts) =>
      attemptLaunch(context, { ...run, ...attemptOf(job, run, 1), ...parts }),
    );
    job.onUnderWay();
    return await runAttempts(context, job, { ...run, node, first });
  } finally {
    job.reservation.end();
    done();
  }
}

/** What is launched. */
interface Launch {
  readonly provider: ProviderRuntime;
  readonly label: PoolLabel;
  readonly image: LaunchImage;
  readonly nodeId: string;
  readonly began: number;
}

interface Run extends Launch {
  readonly node: OwnedNode;
  /** The first attempt, which has begun. */
  readonly first: Promise<void>;
}

function beginAttempt(job: LaunchJob, attempt: number): void {
  job.progress.attempt = attempt;
  job.progress.enter('creating');
}

function attemptOf(
  job: LaunchJob,
  launch: Launch,
  attempt: number,
): Pick<AttemptJob, 'pool' | 'progress' | 'spec'> {
  return { pool: job.pool, progress: job.progress, spec: specOf(job, launch, attempt) };
}

async function runAttempts(context: Context, job: LaunchJob, run: Run): Promise<LaunchOutcome> {
  const { signal, dispose } = joinSignals([job.signal, run.node.signal]);
  return attemptUntilReady(context, job, { ...run, signal }).finally(dispose);
}

async function attemptUntilReady(
  context: Context,
  job: LaunchJob,
  run: Run & { readonly signal: AbortSignal },
): Promise<LaunchOutcome> {
  const { provider, node, signal } = run;
  const log = logOf(context, job.request, node.id);
  let image = run.image;
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt === 1) await run.first;
      else await attemptAgain(context, job, { ...run, image }, attempt);
      recordLaunch(context, job, run, { result: 'ready' });
      log.info('node is ready', { attempt, ms: Math.round(context.clock.monotonic() - run.began) });
      return { kind: 'ready', node };
    } catch (error) {
      const kind = signal.aborted ? 'lost' : failureKind(error);
      job.progress.problem = messageOf(error);
      recordLaunch(context, job, run, { error });
      if (kind === 'lost') throw await giveUp(context, node, error);
      if (kind === 'quota') {
        log.info('the cloud has no quota left', { error });
        provider.refreshQuota({ isForced: true });
        await endAs(context, node, 'aborted');
        return { kind: 'quota' };
      }
      const newer = newerImage(context, job.pool, run.label, image);
      const isLast =
        job.pool.isDrained ||
        (newer === undefined && (kind === 'final' || attempt >= provider.config.launchRetries));
      const place = run.label.place ?? provider.config.place;
      const where = kind === 'final' && { place };
      log.warn(isLast ? 'launch failed' : 'launch attempt failed', { attempt, ...where, error });
      job.progress.enter('cleaning-up');
      await tellOfAttempt(run, error, signal);
      if (isLast) {
        await endAs(context, node, 'failed');
        return { kind: 'failed', error };
      }
      await deleteAttempt(context, run, signal);
      if (newer === undefined) continue;
      image = newer;
      node.stage({ image_id: newer.id });
      log.info('a newer image is tried', { image: newer.id });
    }
  }
}

async function attemptAgain(
  context: Context,
  job: LaunchJob,
  run: Run & { readonly signal: AbortSignal },
  attempt: number,
): Promise<void> {
  beginAttempt(job, attempt);
  const owned = Promise.resolve(run.node);
  await attemptLaunch(context, { ...run, ...attemptOf(job, run, attempt), owned });
}

async function makeRecord(context: Context, job: LaunchJob, plan: LaunchPlan): Promise<StoredNode> {
  const { prepared, signal } = job;
  const stored = prepared?.node ?? (await context.store.nodes.create(plan.record, { signal }));
  job.progress.node = stored.id;
  job.reservation.release();
  return stored;
}

async function takeNode(
  context: Context,
  { pool, request, label: name }: LaunchJob,
  label: PoolLabel,
  stored: StoredNode,
): Promise<OwnedNode> {
  const planned = pool.provider.connection.plannedId?.({
    ...{ nodeId: stored.id, attempt: 1, pool: pool.config, label },
  });
  const node = await context.store.nodes.take(stored, {
    ...toState(context.clock, 'building'),
    ...(planned !== undefined && { external_id: ownId(planned) }),
  });
  if (!node) throw new CloudError('NP_CLOUD_TRANSIENT', `node ${stored.id} was taken by another`);
  logOf(context, request, node.id).info('launching node', {
    label: name,
    provider: pool.provider.name,
    pool: pool.name,
  });
  return node;
}

function specOf(
  job: LaunchJob,
  { nodeId, provider, label, image }: Launch,
  attempt: number,
): AttemptJob['spec'] {
  return {
    nodeId,
    hostname: `np${nodeId}`,
    attempt,
    pool: job.pool.config,
    label,
    imageExternalId: image.externalId,
    metadata: launchMetadata(nodeId, job.pool.name, provider.name),
    availabilityZone: job.availabilityZone,
    request: requestFacts(job.request.id, job.request.record),
    log: provider.log.with({ node: nodeId, request: job.request.id }),
  };
}

/** Unlocks the node in a state that says "delete me". */
async function endAs(
  context: Context,
  node: OwnedNode,
  state: 'aborted' | 'failed',
): Promise<void> {
  await context.store.transaction().set(node, toState(context.clock, state)).release(node).commit();
}

/** The launch was broken off: leaves the node to the deleter, if we still may write. */
async function giveUp(context: Context, node: OwnedNode, error: unknown): Promise<unknown> {
  if (node.signal.aborted) return error;
  await context.store
    .transaction()
    .set(node, toState(context.clock, 'deleting'))
    .release(node)
    .commit();
  return error;
}

function logOf(context: Context, request: StoredRequest, node: string): Context['log'] {
  return context.log.with({ event_id: request.record.event_id, request: request.id, node });
}
