/**
 * `nodepool dib-image-list`: every build of every image.
 */
import { IMAGES } from '../../store/paths.ts';
import { buildListing } from '../../web/image-listings.ts';
import { readBuilds } from '../image-records.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';

export const dibImageList = listingCommand({
  name: 'dib-image-list',
  describe: 'list images built with diskimage-builder',
  roots: () => [IMAGES],
  async look(options) {
    const found = await readBuilds(options);
    return (now) => viewOf(buildListing(found, now));
  },
});
