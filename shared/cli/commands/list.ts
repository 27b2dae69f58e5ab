/**
 * `nodepool list [--detail]`: all nodes.
 */
import { listingText, NODE_COLUMNS, nodeListing } from '../../web/listings.ts';
import type { Command } from '../command.ts';
import { readNodes } from '../records.ts';
import { withZooKeeper } from '../zookeeper.ts';

/** Columns without `--detail`. */
const SHORT = 9;

export const list: Command = {
  name: 'list',
  describe: 'list nodes',
  options: (parser) =>
    parser.option('detail', {
      boolean: true,
      default: false,
      describe: 'Output detailed node info',
    }),
  run: (context, args) =>
    withZooKeeper(context, async (client) => {
      const nodes = await readNodes({ client, signal: context.signal, warn: context.warn });
      const listing = nodeListing(nodes, context.clock.now() / 1000);
      const fields = NODE_COLUMNS.slice(0, SHORT).map(([key]) => key);
      context.print(listingText(listing, args.detail === true ? undefined : fields));
      return 0;
    }),
};
