/** The node that a command has changed, as `nodepool list` shows it now; an empty table if it is gone. */
import { listingText, NODE_COLUMNS, nodeListing } from '../web/listings.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import type { Context } from './command.ts';
import { readNode } from './records.ts';

/** Of `nodepool list` without `--detail`. */
const FIELDS = NODE_COLUMNS.slice(0, 9).map(([key]) => key);

export async function showNode(id: string, client: ZooKeeper, context: Context): Promise<void> {
  const { signal, warn, clock } = context;
  const node = await readNode(id, { client, signal, warn });
  const listing = nodeListing(node === undefined ? [] : [node], clock.now() / 1000);
  context.print(listingText(listing, FIELDS));
}
