/**
 * `nodepool image-status`: pauses and requests of every image that ZooKeeper knows.
 */
import { IMAGES } from '../../store/paths.ts';
import { imageListing } from '../../web/image-listings.ts';
import { readImages } from '../image-records.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';

export const imageStatus = listingCommand({
  name: 'image-status',
  describe: 'list image status',
  roots: () => [IMAGES],
  async look(options) {
    const found = await readImages(options);
    return (now) => viewOf(imageListing(found, now));
  },
});
