/**
 * `nodepool request-list`: all node requests.
 */
import { listingText, requestListing } from '../../web/listings.ts';
import type { Command } from '../command.ts';
import { readRequests } from '../records.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const requestList: Command = {
  name: 'request-list',
  describe: 'list the current node requests',
  run: (context) =>
    withZooKeeper(context, async (client) => {
      const requests = await readRequests({ client, signal: context.signal, warn: context.warn });
      context.print(listingText(requestListing(requests)));
      return 0;
    }),
};
