/**
 * Takes a request and makes the znodes of all its nodes for which there is room, in one transaction.
 */
import { isCloudError } from '../../shared/base/errors.ts';
import type { OwnedRequest } from '../../shared/store/requests.ts';
import { takeWithNodes } from '../../shared/store/take-with-nodes.ts';
import { toState, type Context } from '../context.ts';
import { planLaunch, type LaunchPlan, type PreparedLaunch } from '../launch/launch-plan.ts';
import type { ServeJob } from './job.ts';

/** A record has about 2 kB, and a request to ZooKeeper at most 1 MiB. */
const MOST_PREPARED = 100;

export interface Taken {
  readonly request: OwnedRequest;
  /** By the request's labels: nodes that exist already, to be launched. */
  readonly prepared: readonly (PreparedLaunch | undefined)[];
}

/** Undefined: somebody else was quicker, or the request has changed. */
export async function takePrepared(context: Context, job: ServeJob): Promise<Taken | undefined> {
  const plans = planLaunches(context, job);
  const taken = await takeWithNodes(
    context.store,
    job.request,
    {
      patch: toState(context.clock, 'pending'),
      nodes: plans.map(({ plan }) => plan.record),
    },
    { signal: job.stopping },
  );
  if (!taken) return undefined;
  const prepared = new Map(
    plans.map(({ index, plan }, at) => {
      const node = taken.nodes[at];
      const progress = job.progress.nodes[index];
      // Known as being made before anybody looks for nodes that nobody makes.
      if (progress) progress.node = node?.id;
      return [index, node && { plan, node }];
    }),
  );
  return {
    request: taken.request,
    prepared: job.request.record.node_types.map((_, index) => prepared.get(index)),
  };
}

/** What can't be planned is left out: its launch will say why. */
function planLaunches(context: Context, job: ServeJob): { index: number; plan: LaunchPlan }[] {
  const { pool, request, reservations } = job;
  const plans: { index: number; plan: LaunchPlan }[] = [];
  for (const [index, label] of request.record.node_types.entries()) {
    if (!reservations[index] || plans.length >= MOST_PREPARED) continue;
    try {
      plans.push({ index, plan: planLaunch(context, { pool, request, label }) });
    } catch (error) {
      if (!isCloudError(error)) throw error;
    }
  }
  return plans;
}
