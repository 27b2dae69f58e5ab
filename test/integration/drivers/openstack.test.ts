/**
 * The `openstack` driver in a launcher, over HTTP, with calls that go wrong in the two chief ways; in the
 * others they do so in test/real/clouds.
 */
import {
  CHIEF_WAYS,
  goesOnAfter,
  livesThough,
  livesWithLag,
  makesKnownCalls,
  startsThough,
  walkOf,
} from '../../support/cloud-walk.ts';
import { OPENSTACK } from '../../support/clouds/openstack.ts';

describe('the openstack driver in a launcher', () => {
  const walk = walkOf(OPENSTACK);
  makesKnownCalls(walk);
  livesThough(walk, CHIEF_WAYS);
  startsThough(walk, CHIEF_WAYS);
  goesOnAfter(walk);
});

livesWithLag(OPENSTACK, CHIEF_WAYS);
