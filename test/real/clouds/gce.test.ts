/** The `gce` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import { NEVER_ANSWERED, type Ways } from '../../support/cloud-walk.ts';
import { walkedInOtherWays } from '../../support/cloud-walked.ts';
import { GCE } from '../../support/clouds/gce.ts';

const TOO_MANY = 'Quota exceeded for quota metric Queries';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': {
    ...{ mode: 'fail', status: 429, code: 'rateLimitExceeded', message: TOO_MANY },
    headers: { 'retry-after': '0' },
  },
  'is told to wait with 403': {
    ...{ mode: 'fail', status: 403, code: 'rateLimitExceeded', message: TOO_MANY },
  },
  'has its token refused': { mode: 'fail', status: 401, code: 'authError' },
};

walkedInOtherWays(GCE, WAYS);
