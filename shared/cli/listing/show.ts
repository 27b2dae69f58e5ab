/**
 * Listings as commands. Each says what it reads; this shows it once, or with `--watch` again and again.
 */
import type { Command, Context } from '../command.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';
import { toldWithoutConfig, type Args, type ListingCommand } from './listing-command.ts';
import { listingOptions, lookOf, wishesOf, type ListingWishes } from './options.ts';
import { treeReader } from './tree-reader.ts';
import { shownText, type View } from './view.ts';
import { watchListing } from './watch.ts';

export type { Told } from './listing-command.ts';

/** A command that is nothing but a listing. */
export function listingCommand(listing: ListingCommand): Command {
  const { name, positional, describe, options } = listing;
  return {
    name,
    describe,
    ...(positional !== undefined && { positional }),
    options: (parser) => listingOptions(options?.(parser) ?? parser),
    async run(context, args) {
      const wishes = wishesOf(args);
      if (wishes.watch !== undefined) return watchListing(listing, { context, args, wishes });
      print(await lookOnce(listing, context, args), context, wishes);
      return 0;
    },
  };
}

async function lookOnce(listing: ListingCommand, context: Context, args: Args): Promise<View> {
  const { signal, warn, clock } = context;
  if (listing.roots(args).length === 0) {
    const nothing = { client: treeReader(new Map()), signal, warn };
    const viewAt = await listing.look(nothing, args, toldWithoutConfig(context));
    return viewAt(clock.now() / 1000);
  }
  const config = await configOf(context);
  return withZooKeeperOf(config, context, async (client) => {
    const viewAt = await listing.look({ client, signal, warn }, args, { context, config });
    return viewAt(clock.now() / 1000);
  });
}

function print(view: View, context: Context, wishes: ListingWishes): void {
  context.print(wishes.isJson ? view.json : shownText(view, lookOf(context, wishes)));
}
