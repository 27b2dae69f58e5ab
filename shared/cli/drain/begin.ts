/** Gives the order to drain, tells who obeys, and waits until nothing is left if somebody wants that. */
import type { DrainKind } from '../../../schemas/records/drain.ts';
import { NodepoolError } from '../../base/errors.ts';
import { joinSignals, withDeadline } from '../../base/wait.ts';
import { drain } from '../../store/orders/drains.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import { progressOf, type DrainProgress } from './progress.ts';
import { readView } from './read.ts';
import type { DrainTarget } from './target.ts';
import { followDrain } from './wait.ts';
import { sayDisobedience, sayProgress } from './words.ts';

/** In which every launcher of ours that is connected has said that it obeys. */
const ANSWER_MS = 5000;

export interface DrainWishes {
  /** As somebody asked for it; undefined: the name tells. */
  readonly kind: DrainKind | undefined;
  readonly isJson: boolean;
  readonly comment: string | null;
  readonly isWaiting: boolean;
  /** Of the wait; undefined: for ever. */
  readonly timeoutMs: number | undefined;
}

/** Answers the exit code. */
export async function beginDrain(
  client: ZooKeeper,
  context: Context,
  target: DrainTarget,
  wishes: DrainWishes,
): Promise<number> {
  const { clock, signal, environment, hostname, print } = context;
  const user = environment.USER ?? environment.LOGNAME;
  const record = {
    since: clock.now() / 1000,
    by: user === undefined ? hostname : `${user}@${hostname}`,
    comment: wishes.comment,
  };
  const outcome = await drain(client, target, record, { signal });
  if (!wishes.isJson) {
    const again = outcome === 'already' ? ' already' : '';
    print(`${target.kind} ${target.name} is drained${again}: it takes nothing new`);
  }
  const answered = await untilAnswered(client, context, target);
  for (const launcher of answered.not_obeying) {
    context.warn(`nodepool: ${sayDisobedience(target, launcher)}`);
  }
  const progress = wishes.isWaiting ? await untilEmpty(client, context, target, wishes) : answered;
  if (wishes.isJson) print(JSON.stringify({ ...target, ...progress }, null, 2));
  else if (!wishes.isWaiting) print(sayProgress(target, progress));
  return 0;
}

/** How far it is once all launchers obey, or have had the time for that. */
async function untilAnswered(
  client: ZooKeeper,
  context: Context,
  target: DrainTarget,
): Promise<DrainProgress> {
  const patience = new AbortController();
  const cancel = context.clock.after(ANSWER_MS, () => {
    patience.abort();
  });
  const { signal, dispose } = joinSignals([context.signal, patience.signal]);
  try {
    return await followDrain({
      ...{ client, target, context, signal },
      onProgress: () => undefined,
      isEnough: ({ not_obeying }) => not_obeying.length === 0,
    });
  } catch (error) {
    if (!patience.signal.aborted || context.signal.aborted) throw error;
    const { signal: own, warn } = context;
    return progressOf(target, await readView(target, { client, signal: own, warn }));
  } finally {
    cancel();
    dispose();
  }
}

function untilEmpty(
  client: ZooKeeper,
  context: Context,
  target: DrainTarget,
  { timeoutMs, isJson }: DrainWishes,
): Promise<DrainProgress> {
  const follow = (signal: AbortSignal): Promise<DrainProgress> =>
    followDrain({
      ...{ client, target, context, signal },
      onProgress: (progress) => {
        if (!isJson) context.print(sayProgress(target, progress));
      },
      isEnough: (progress) => progress.is_empty,
    });
  if (timeoutMs === undefined) return follow(context.signal);
  const error = (): Error =>
    new NodepoolError(
      'NP_DRAIN_UNFINISHED',
      `${target.kind} ${target.name} is not empty after ${timeoutMs / 1000} seconds`,
      { hint: 'it stays drained, and goes on; the same command waits again' },
    );
  return withDeadline(
    { clock: context.clock, ms: timeoutMs, signal: context.signal, error },
    follow,
  );
}
