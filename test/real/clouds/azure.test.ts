/** The `azure` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import {
  livesThough,
  livesThoughTokensEnd,
  livesWithLag,
  NEVER_ANSWERED,
  REFUSED,
  startsThough,
  walkOf,
  type Ways,
} from '../../support/cloud-walk.ts';
import { AZURE } from '../../support/clouds/azure.ts';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': {
    ...{ mode: 'fail', status: 429, code: 'OperationNotAllowed' },
    ...{ message: 'The server rejected the request.', headers: { 'retry-after': '0' } },
  },
  'has its token refused': { mode: 'fail', status: 401, code: 'ExpiredAuthenticationToken' },
};

describe('the azure driver in a launcher', () => {
  const walk = walkOf(AZURE);
  livesThough(walk, WAYS);
  startsThough(walk, WAYS);
  livesThoughTokensEnd(walk);
});

livesWithLag(AZURE, { ...NEVER_ANSWERED, ...REFUSED });
