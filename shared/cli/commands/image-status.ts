/**
 * `nodepool image-status`: pauses and requests of every image that ZooKeeper knows.
 */
import { imageListing } from '../../web/image-listings.ts';
import { listingText } from '../../web/listings.ts';
import type { Command } from '../command.ts';
import { readImages } from '../image-records.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const imageStatus: Command = {
  name: 'image-status',
  describe: 'list image status',
  run: (context) =>
    withZooKeeper(context, async (client) => {
      const found = await readImages({ client, signal: context.signal, warn: context.warn });
      context.print(listingText(imageListing(found, context.clock.now() / 1000)));
      return 0;
    }),
};
