/** The `aws` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import { THROTTLED } from '../../../fixtures/aws-cloud/faults.ts';
import {
  CHIEF_WAYS,
  livesThough,
  livesWithLag,
  NEVER_ANSWERED,
  REFUSED,
  startsThough,
  walkOf,
} from '../../support/cloud-walk.ts';
import { AWS } from '../../support/clouds/aws.ts';

const WAYS = { ...NEVER_ANSWERED, 'is told to wait': THROTTLED };

describe('the aws driver in a launcher', () => {
  const walk = walkOf(AWS);
  livesThough(walk, WAYS);
  livesThough(walk, REFUSED, walk.kinds.slice(1));
  startsThough(walk, WAYS);
  startsThough(walk, CHIEF_WAYS, walk.kinds.slice(1));
});

livesWithLag(AWS, WAYS);
