/**
 * `nodepool request-list`: all node requests.
 */
import { REQUESTS } from '../../store/paths.ts';
import { requestListing } from '../../web/listings.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';
import { readRequests } from '../records.ts';

export const requestList = listingCommand({
  name: 'request-list',
  describe: 'list the current node requests',
  roots: () => [REQUESTS],
  async look(options) {
    const requests = await readRequests(options);
    return () => viewOf(requestListing(requests));
  },
});
