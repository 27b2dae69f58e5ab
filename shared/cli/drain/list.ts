/** `nodepool drain --list`: what is drained. A listing like all others. */
import { DRAINS } from '../../store/paths.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';
import { readDrains } from './read.ts';
import { drainListing } from './words.ts';

export const drainList = listingCommand({
  name: 'drain --list',
  describe: 'show what is drained',
  roots: () => [DRAINS],
  async look(options) {
    const drains = await readDrains(options);
    return (now) => viewOf(drainListing(drains, now));
  },
});
