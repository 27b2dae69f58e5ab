/** Follows a drain until nothing is left, or until its launchers have answered. */
import { NodepoolError } from '../../base/errors.ts';
import { sleep } from '../../base/wait.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import { openFeed } from '../listing/feed.ts';
import { progressOf, type DrainProgress } from './progress.ts';
import { readView, ROOTS } from './read.ts';
import type { DrainTarget } from './target.ts';

export interface FollowOptions {
  readonly client: ZooKeeper;
  readonly target: DrainTarget;
  readonly context: Pick<Context, 'clock' | 'log' | 'warn'>;
  readonly signal: AbortSignal;
  /** Told of the first look, and of each after which something is different. */
  readonly onProgress: (progress: DrainProgress) => void;
  /** Whether enough has been seen. */
  readonly isEnough: (progress: DrainProgress) => boolean;
}

/** Between two looks: often enough to follow. */
const PACE_MS = 500;

/**
 * Resolves with the last look.
 *
 * @throws NodepoolError NP_DRAIN_UNFINISHED: somebody has ended the drain. Rejects as the signal says.
 */
export async function followDrain(options: FollowOptions): Promise<DrainProgress> {
  const { client, target, context, signal, onProgress, isEnough } = options;
  const { clock, log, warn } = context;
  const feed = await openFeed({ client, roots: ROOTS, clock, log, signal });
  let told = '';
  try {
    for (;;) {
      const view = await readView(target, { client: feed.reader, signal, warn });
      const progress = progressOf(target, view);
      if (feed.isCurrent) {
        const { kind, name } = target;
        if (!progress.is_drained) {
          throw new NodepoolError('NP_DRAIN_UNFINISHED', `${kind} ${name} is not drained any more`);
        }
        const text = JSON.stringify(progress);
        if (text !== told) onProgress(progress);
        told = text;
        if (isEnough(progress)) return progress;
      }
      await sleep(clock, PACE_MS, signal);
      await feed.changed(signal);
    }
  } finally {
    await feed.close();
  }
}
