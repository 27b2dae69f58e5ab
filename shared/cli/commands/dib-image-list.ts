/**
 * `nodepool dib-image-list`: every build of every image.
 */
import { buildListing } from '../../web/image-listings.ts';
import { listingText } from '../../web/listings.ts';
import type { Command } from '../command.ts';
import { readBuilds } from '../image-records.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const dibImageList: Command = {
  name: 'dib-image-list',
  describe: 'list images built with diskimage-builder',
  run: (context) =>
    withZooKeeper(context, async (client) => {
      const found = await readBuilds({ client, signal: context.signal, warn: context.warn });
      context.print(listingText(buildListing(found, context.clock.now() / 1000)));
      return 0;
    }),
};
