/**
 * `--watch`: shows a listing whenever it has changed, until the user interrupts, which is no error. A
 * ZooKeeper that goes away is waited for.
 */
import { hasLabel, messageOf } from '../../base/errors.ts';
import { silentLogger } from '../../base/log.ts';
import { sleep } from '../../base/wait.ts';
import type { Context } from '../command.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';
import { emptyFeed, openFeed, type Feed } from './feed.ts';
import { toldWithoutConfig, type Args, type ListingCommand, type Told } from './listing-command.ts';
import type { ListingWishes } from './options.ts';
import type { Output, Seen, ViewAt } from './output.ts';
import { screenOutput } from './screen-output.ts';
import { streamOutput } from './stream-output.ts';

export interface WatchOptions {
  readonly context: Context;
  readonly args: Args;
  readonly wishes: ListingWishes;
}

/** Enough to follow, and not so often that anybody would notice it. */
const USUAL_SECONDS = 1;

/** Answers the exit code. */
export async function watchListing(
  listing: ListingCommand,
  options: WatchOptions,
): Promise<number> {
  const { context, args, wishes } = options;
  const { clock, signal, terminal } = context;
  const screen = terminal?.isScreen === true && !wishes.isJson ? terminal : undefined;
  // Lines of the log would stand in the middle of the picture.
  const log = screen === undefined ? context.log : silentLogger;
  const roots = listing.roots(args);
  const show = async (feed: Feed, told: FollowOptions['told']): Promise<void> => {
    const output =
      screen === undefined
        ? streamOutput(context, wishes)
        : screenOutput(`nodepool ${listing.name}`, screen, context);
    try {
      await follow(listing, { ...options, feed, output, told });
    } finally {
      await feed.close();
      await output.close();
    }
  };
  try {
    if (roots.length === 0) await show(emptyFeed(), toldWithoutConfig);
    else {
      const config = await configOf(context);
      await withZooKeeperOf(config, { ...context, log }, async (client) => {
        const feed = await openFeed({ client, roots, clock, log, signal });
        await show(feed, (own) => ({ context: { ...own, log }, config }));
      });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return 0;
}

interface FollowOptions extends WatchOptions {
  readonly feed: Feed;
  readonly output: Output;
  readonly told: (context: Context) => Told;
}

async function follow(listing: ListingCommand, options: FollowOptions): Promise<void> {
  const { context, wishes, feed, output } = options;
  const { signal } = output;
  const usual = listing.usualSeconds ?? USUAL_SECONDS;
  const paceMs = (wishes.watch === 'usual' ? usual : (wishes.watch ?? usual)) * 1000;
  const isAskedAnew = listing.isAskedAnew === true;
  let seen: Seen | undefined;
  try {
    for (;;) {
      // Before it is read: what changes meanwhile is news for the next time.
      if (feed.takeNews() || isAskedAnew || seen === undefined) {
        const notes: string[] = [];
        const found = await lookOrNot(listing, options, (note) => notes.push(note));
        const viewAt = found ?? seen?.viewAt;
        const isCurrent = feed.isCurrent && found !== undefined;
        seen = viewAt && { viewAt, isCurrent, notes };
      }
      if (seen !== undefined) output.show(seen);
      await sleep(context.clock, paceMs, signal);
      if (!isAskedAnew && !output.showsTime) await feed.changed(signal);
    }
  } catch (error) {
    // That is the usual end.
    if (!signal.aborted) throw error;
  }
}

/** Undefined: it failed for a reason that passes. */
async function lookOrNot(
  listing: ListingCommand,
  { context, args, feed, output, told }: FollowOptions,
  warn: (line: string) => void,
): Promise<ViewAt | undefined> {
  const { signal } = output;
  const own = told({ ...context, signal, warn });
  try {
    return await listing.look({ client: feed.reader, signal, warn }, args, own);
  } catch (error) {
    if (!hasLabel(error, 'retryable')) throw error;
    context.log.debug('looking failed for now', { error: messageOf(error) });
    return undefined;
  }
}
