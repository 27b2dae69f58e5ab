/**
 * The `aws` driver in a launcher, over HTTP, with calls that go wrong in the two chief ways; in the others
 * they do so in test/real/clouds.
 */
import assert from 'node:assert/strict';

import {
  ANSWER_LOST,
  CHIEF_WAYS,
  failedAttempts,
  goesOnAfter,
  livesThough,
  livesWithLag,
  makesKnownCalls,
  startsThough,
  walkOf,
} from '../../support/cloud-walk.ts';
import { AWS } from '../../support/clouds/aws.ts';

describe('the aws driver in a launcher', () => {
  const walk = walkOf(AWS);
  makesKnownCalls(walk);
  livesThough(walk, CHIEF_WAYS, walk.kinds.slice(0, 1));
  livesThough(walk, ANSWER_LOST, walk.kinds.slice(1));
  startsThough(walk, CHIEF_WAYS, walk.kinds.slice(0, 1));
  goesOnAfter(walk);

  it('makes another one where the first one ends by itself', () =>
    walk.run(
      'an instance',
      async (scene) => {
        const { cloud } = walk.site;
        cloud.instances.failure = {
          code: 'Server.InternalError',
          message: 'Server.InternalError: Internal error on launch',
        };
        cloud.onCall = (call) => {
          if (call === 'TerminateInstances') cloud.instances.failure = undefined;
        };
        await walk.live(scene);
        const failed = failedAttempts(scene);
        assert.match(failed.join('\n'), /Internal error on launch/);
        assert.equal(failed.length, 1);
      },
      2,
    ));
});

livesWithLag(AWS, CHIEF_WAYS);
