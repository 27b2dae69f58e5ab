/**
 * `nodepool image-list`: every upload of every build.
 */
import { IMAGES } from '../../store/paths.ts';
import { uploadListing } from '../../web/image-listings.ts';
import { readUploads } from '../image-records.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';

export const imageList = listingCommand({
  name: 'image-list',
  describe: 'list images from providers',
  roots: () => [IMAGES],
  async look(options) {
    const found = await readUploads(options);
    return (now) => viewOf(uploadListing(found, now));
  },
});
