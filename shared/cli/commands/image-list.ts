/**
 * `nodepool image-list`: every upload of every build.
 */
import { uploadListing } from '../../web/image-listings.ts';
import { listingText } from '../../web/listings.ts';
import type { Command } from '../command.ts';
import { readUploads } from '../image-records.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const imageList: Command = {
  name: 'image-list',
  describe: 'list images from providers',
  run: (context) =>
    withZooKeeper(context, async (client) => {
      const found = await readUploads({ client, signal: context.signal, warn: context.warn });
      context.print(listingText(uploadListing(found, context.clock.now() / 1000)));
      return 0;
    }),
};
