/**
 * `nodepool list [--detail]`: all nodes.
 */
import { NODES } from '../../store/paths.ts';
import { NODE_COLUMNS, nodeListing } from '../../web/listings.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';
import { readNodes } from '../records.ts';

/** Columns without `--detail`. */
const SHORT = 9;

export const list = listingCommand({
  name: 'list',
  describe: 'list nodes',
  options: (parser) =>
    parser.option('detail', {
      boolean: true,
      default: false,
      describe: 'Output detailed node info',
    }),
  roots: () => [NODES],
  async look(options, args) {
    const nodes = await readNodes(options);
    const fields = NODE_COLUMNS.slice(0, SHORT).map(([key]) => key);
    const isShort = args.detail !== true;
    return (now) => viewOf(nodeListing(nodes, now), isShort ? fields : undefined);
  },
});
