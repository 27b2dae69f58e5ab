/** Leaks of the `aws` driver, of uploads, too; test/real/clouds lets calls go wrong in more ways. */
import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import { AWS_LEAKS } from '../../support/clouds/aws-leaks.ts';

describe('leaks of the aws driver in a launcher', () => {
  const leaks = leaksOf(AWS_LEAKS);
  leaksAreFound(AWS_LEAKS, leaks);
  leaksGoThough(AWS_LEAKS, leaks, ['lose']);
});
