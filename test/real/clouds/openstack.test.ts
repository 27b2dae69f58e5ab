/** The `openstack` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import {
  livesThough,
  livesThoughTokensEnd,
  livesWithLag,
  NEVER_ANSWERED,
  startsThough,
  walkOf,
  type Ways,
} from '../../support/cloud-walk.ts';
import { OPENSTACK } from '../../support/clouds/openstack.ts';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': { mode: 'fail', status: 429, headers: { 'retry-after': '0' } },
  'has its token refused': { mode: 'fail', status: 401 },
};

describe('the openstack driver in a launcher', () => {
  const walk = walkOf(OPENSTACK);
  livesThough(walk, WAYS);
  startsThough(walk, WAYS);
  livesThoughTokensEnd(walk);
});

livesWithLag(OPENSTACK, WAYS);
