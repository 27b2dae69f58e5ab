/** News that no cache tells of: looked for again and again while anybody watches. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { sleep } from '../../base/wait.ts';
import { eventFrame, type Frame } from './frames.ts';

/** News of its own kind: looked for while anybody watches. */
export interface NewsFeed {
  /** Name of the event. */
  readonly event: string;
  /** At least so long between two looks. */
  readonly everyMs: number;
  /** Told where it differs from the last one in more than its `now`. */
  readonly look: (signal: AbortSignal) => News | Promise<News>;
}

export interface News {
  readonly now?: number;
  readonly [key: string]: unknown;
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** At least so long between two looks, however soon the feed itself would look. */
  readonly paceMs: () => number;
  readonly tell: (frame: Frame) => void;
}

/** A look, and telling of it, may not take more than this part of the time. */
const MOST_OF_THE_TIME = 1 / 50;

/** Until the signal aborts. Never fails: what cannot be found out is logged, and looked for again. */
export async function followNews(
  feed: NewsFeed,
  { clock, log, signal, paceMs, tell }: FollowOptions,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  let told = '';
  while (!isOver()) {
    // What others take their time for costs nothing here.
    let tookMs = 0;
    const timed = <T>(work: () => T): T => {
      const since = clock.monotonic();
      try {
        return work();
      } finally {
        tookMs += clock.monotonic() - since;
      }
    };
    try {
      const { now, ...news } = await timed(() => feed.look(signal));
      timed(() => {
        const json = JSON.stringify(news);
        if (json === told || isOver()) return;
        told = json;
        const head = now === undefined ? '{' : `{"now":${now},`;
        const frame = eventFrame(feed.event, head + json.slice(1));
        tell(frame);
      });
    } catch (error) {
      if (!isOver()) log.error('news could not be found out', { event: feed.event, error });
    }
    const pauseMs = Math.max(feed.everyMs, paceMs(), tookMs / MOST_OF_THE_TIME);
    await sleep(clock, pauseMs, signal).catch(() => undefined);
  }
}
