/** The `ibmvpc` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import { NEVER_ANSWERED, type Ways } from '../../support/cloud-walk.ts';
import { walkedInOtherWays } from '../../support/cloud-walked.ts';
import { IBMVPC } from '../../support/clouds/ibmvpc.ts';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': {
    ...{ mode: 'fail', status: 429, code: 'too_many_requests' },
    ...{ message: 'Too many requests.', headers: { 'retry-after': '0' } },
  },
  'has its token refused': { mode: 'fail', status: 401, code: 'not_authorized' },
};

walkedInOtherWays(IBMVPC, WAYS);
