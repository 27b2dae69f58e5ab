/** The `aws` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import { THROTTLED } from '../../../fixtures/aws-cloud/faults.ts';
import { NEVER_ANSWERED } from '../../support/cloud-walk.ts';
import { walkedInOtherWays } from '../../support/cloud-walked.ts';
import { AWS } from '../../support/clouds/aws.ts';

const WAYS = { ...NEVER_ANSWERED, 'is told to wait': THROTTLED };

walkedInOtherWays(AWS, WAYS);
