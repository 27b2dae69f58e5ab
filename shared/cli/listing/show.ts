/**
 * Shows a listing: once, or again and again with `--watch`. Then it ends with 0 when the user interrupts,
 * and lives through a ZooKeeper that is away for a while.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { hasLabel, messageOf } from '../../base/errors.ts';
import { sleep } from '../../base/wait.ts';
import type { Command, Context } from '../command.ts';
import type { ReadOptions } from '../records.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';
import { openFeed, type Feed } from './feed.ts';
import { listingOptions, lookOf, wishesOf, type ListingWishes } from './options.ts';
import type { Output, ViewAt } from './output.ts';
import { screenOutput } from './screen-output.ts';
import { streamOutput } from './stream-output.ts';
import { shownText } from './view.ts';

type Args = Readonly<Record<string, unknown>>;
export interface ListingSource {
  /** Paths in ZooKeeper that it is made of. */
  roots(args: Args): readonly string[];
  /** It is made of other things, too: each look may find something new. */
  readonly isAskedAnew?: boolean;
  look(options: ReadOptions, args: Args, told: Told): Promise<ViewAt>;
}

/** What else a look may need. */
export interface Told {
  readonly context: Context;
  readonly config: Config;
}

type ListingCommand = Omit<Command, 'run'> & ListingSource;

/** A command that is nothing but a listing. */
export function listingCommand(listing: ListingCommand): Command {
  const { name, positional, describe, options } = listing;
  return {
    name,
    describe,
    ...(positional !== undefined && { positional }),
    options: (parser) => listingOptions(options?.(parser) ?? parser),
    run: (context, args) => showListing(listing, context, args),
  };
}

async function showListing(listing: ListingCommand, context: Context, args: Args): Promise<number> {
  const wishes = wishesOf(args);
  const { signal, warn, clock } = context;
  if (wishes.watchSeconds !== undefined) return watchListing(listing, context, args, wishes);
  const config = await configOf(context);
  return withZooKeeperOf(config, context, async (client) => {
    const viewAt = await listing.look({ client, signal, warn }, args, { context, config });
    const view = viewAt(clock.now() / 1000);
    context.print(wishes.isJson ? view.json : shownText(view, lookOf(context, wishes)));
    return 0;
  });
}

async function watchListing(
  listing: ListingCommand,
  context: Context,
  args: Args,
  wishes: ListingWishes,
): Promise<number> {
  const { clock, log, signal } = context;
  try {
    const config = await configOf(context);
    return await withZooKeeperOf(config, context, async (client) => {
      const roots = listing.roots(args);
      const feed = await openFeed({ client, roots, clock, log, signal });
      const { terminal } = context;
      const output =
        terminal?.isScreen === true && !wishes.isJson
          ? screenOutput(`nodepool ${listing.name}`, terminal, context)
          : streamOutput(context, wishes);
      try {
        await watch(listing, feed, output, { context, args, wishes, config });
      } finally {
        await output.close();
        await feed.close();
      }
      return 0;
    });
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  }
}

interface WatchOptions extends Told {
  readonly args: Args;
  readonly wishes: ListingWishes;
}

async function watch(
  listing: ListingSource,
  feed: Feed,
  output: Output,
  { context, config, args, wishes }: WatchOptions,
): Promise<void> {
  const { signal } = output;
  const paceMs = (wishes.watchSeconds ?? 0) * 1000;
  const waits = listing.isAskedAnew !== true && !output.showsTime;
  let last: ViewAt | undefined;
  try {
    for (;;) {
      const reading = { client: feed.reader, signal, warn: context.warn };
      const found = await lookOnce(() => listing.look(reading, args, { context, config }), context);
      last = found ?? last;
      if (last !== undefined) output.show(last, feed.isCurrent && found !== undefined);
      await sleep(context.clock, paceMs, signal);
      if (waits) await feed.changed(signal);
    }
  } catch (error) {
    // That is the usual end.
    if (!signal.aborted) throw error;
  }
}

/** Undefined: not now, for a reason that passes. */
async function lookOnce(
  look: () => Promise<ViewAt>,
  { log }: Context,
): Promise<ViewAt | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!hasLabel(error, 'retryable')) throw error;
    log.debug('looking failed for now', { error: messageOf(error) });
    return undefined;
  }
}
