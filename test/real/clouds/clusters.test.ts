/** The drivers of clusters in a launcher, with calls that go wrong in the ways that CI does not see. */
import { NEVER_ANSWERED, type Ways } from '../../support/cloud-walk.ts';
import { walkedAtLength, walkedInOtherWays } from '../../support/cloud-walked.ts';
import { KUBERNETES, OPENSHIFT, OPENSHIFTPODS } from '../../support/clouds/kubernetes.ts';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': {
    ...{ mode: 'fail', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '0' } },
    message: 'Too many requests, please try again later.',
  },
  'has its token refused': { mode: 'fail', status: 401, code: 'Unauthorized' },
};

walkedInOtherWays(KUBERNETES, WAYS);
walkedAtLength(OPENSHIFT);
walkedInOtherWays(OPENSHIFT, WAYS);
walkedAtLength(OPENSHIFTPODS);
walkedInOtherWays(OPENSHIFTPODS, WAYS);
