/**
 * ZooKeeper for a command that goes on looking: copies of the parts that concern it, kept current by
 * watches, and word of each change. A connection that goes away is waited for; until then the copies
 * have what was last known.
 *
 * Servers before 3.6 have no such watches: there each look reads, and everything may always have changed.
 */
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { untilAborted } from '../../base/wait.ts';
import { TreeCache } from '../../zookeeper/tree-cache.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Reader } from '../records.ts';
import { classify, treeReader } from './tree-reader.ts';

export interface Feed {
  readonly reader: Reader;
  /** False: what is read may be old, since there is no connection. */
  readonly isCurrent: boolean;
  /** Whether anything may have changed since the last time. */
  takeNews(): boolean;
  /** Resolves as soon as there is news, `isCurrent` included. */
  changed(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface FeedOptions {
  readonly client: ZooKeeper;
  /** Paths; what is below them is kept. */
  readonly roots: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export async function openFeed(options: FeedOptions): Promise<Feed> {
  const { client, roots, clock, log, signal } = options;
  const trees = new Map(
    roots.map((root) => [root, new TreeCache({ client, root, classify, clock, log })]),
  );
  try {
    // One that could not be started has stopped itself.
    await Promise.all([...trees.values()].map((tree) => tree.start(signal)));
  } catch (error) {
    await stopAll(trees);
    if (hasCode(error, 'ZK_UNSUPPORTED')) return readingFeed(client);
    throw error;
  }
  return treeFeed(trees);
}

/** For what is not made of anything in ZooKeeper. */
export function emptyFeed(): Feed {
  return treeFeed(new Map());
}

function treeFeed(trees: ReadonlyMap<string, TreeCache>): Feed {
  // Nobody has looked yet.
  let hasNews = true;
  let wake = (): void => undefined;
  const tell = (): void => {
    hasNews = true;
    wake();
  };
  for (const tree of trees.values()) {
    tree.onChange(tell);
    tree.onCurrent(tell);
  }
  return {
    reader: treeReader(trees),
    get isCurrent() {
      return [...trees.values()].every((tree) => tree.isCurrent);
    },
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
    async changed(signal) {
      if (!hasNews) await untilAborted(new Promise<void>((resolve) => (wake = resolve)), signal);
    },
    close: () => stopAll(trees),
  };
}

function readingFeed(client: ZooKeeper): Feed {
  return {
    reader: client,
    get isCurrent() {
      return client.state === 'connected';
    },
    takeNews: () => true,
    changed: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function stopAll(trees: ReadonlyMap<string, TreeCache>): Promise<void> {
  await Promise.all([...trees.values()].map((tree) => tree.stop()));
}
