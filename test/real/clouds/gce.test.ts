/** The `gce` driver in a launcher, with calls that go wrong in the ways that CI does not see. */
import { liveThrough } from '../../support/cloud-life.ts';
import { NEVER_ANSWERED, walkOf, type Ways } from '../../support/cloud-walk.ts';
import { walkedInOtherWays } from '../../support/cloud-walked.ts';
import { GCE } from '../../support/clouds/gce.ts';

const TOO_MANY = 'Quota exceeded for quota metric Queries';

const WAYS: Ways = {
  ...NEVER_ANSWERED,
  'is told to wait': {
    ...{ mode: 'fail', status: 429, code: 'rateLimitExceeded', message: TOO_MANY },
    headers: { 'retry-after': '0' },
  },
  'has its token refused': { mode: 'fail', status: 401, code: 'authError' },
};

walkedInOtherWays(GCE, WAYS);

describe('the gce driver in a launcher', () => {
  const walk = walkOf(GCE);

  // Those that sign in never are.
  for (const [what, { start, life }] of walk.kinds)
    it(`makes ${what} with a single attempt though any one call is told to wait with 403`, () => {
      const { cloud } = walk.site;
      const way = {
        mode: 'fail',
        status: 403,
        code: 'rateLimitExceeded',
        message: TOO_MANY,
      } as const;
      for (const call of start) cloud.arm({ call, ...way });
      return walk.run(what, async (scene) => {
        const faults = life.map((call) => ({ call, ...way }));
        await liveThrough(cloud, faults, () => walk.live(scene));
      });
    });
});
