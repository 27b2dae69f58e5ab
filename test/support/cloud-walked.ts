/** The tests of every cloud's driver in a launcher in which calls go wrong. */
import assert from 'node:assert/strict';

import { liveThrough } from './cloud-life.ts';
import type { CloudFault, CloudSite } from './cloud-site.ts';
import {
  ANSWER_LOST,
  CHIEF_WAYS,
  liveAndLeaveNothing,
  REFUSED,
  walkOf,
  type Loss,
  type Walk,
  type WalkedCloud,
  type WalkedKind,
  type Ways,
} from './cloud-walk.ts';
import type { Scene } from './launcher-scene.ts';

/** What every test run sees. `more` defines the cloud's own tests. */
export function walkedCloud<S extends CloudSite>(
  walked: WalkedCloud<S>,
  more?: (walk: Walk<S>) => void,
): void {
  describe(`the ${walked.driver} driver in a launcher`, () => {
    const walk = walkOf(walked);
    const first = walk.kinds.slice(0, 1);
    makesKnownCalls(walk);
    livesThough(walk, CHIEF_WAYS, first);
    livesThough(walk, ANSWER_LOST, walk.kinds.slice(1));
    startsThough(walk, CHIEF_WAYS, first);
    goesOnAfter(walk);
    more?.(walk);
  });
  livesWithLag(walked, ANSWER_LOST);
}

/** What every test run sees of a driver that has most of its work from one that it sees more of. */
export function walkedBriefly<S extends CloudSite>(walked: WalkedCloud<S>): void {
  describe(`the ${walked.driver} driver in a launcher`, () => {
    const walk = walkOf(walked);
    makesKnownCalls(walk);
    livesThough(walk, ANSWER_LOST, walk.kinds.slice(0, 1));
    startsThough(walk, REFUSED, walk.kinds.slice(0, 1));
  });
}

/** What `walkedBriefly` leaves out of `walkedCloud`. */
export function walkedAtLength<S extends CloudSite>(walked: WalkedCloud<S>): void {
  describe(`the ${walked.driver} driver in a launcher`, () => {
    const walk = walkOf(walked);
    livesThough(walk, REFUSED, walk.kinds.slice(0, 1));
    livesThough(walk, ANSWER_LOST, walk.kinds.slice(1));
    startsThough(walk, ANSWER_LOST, walk.kinds.slice(0, 1));
    goesOnAfter(walk);
  });
  livesWithLag(walked, ANSWER_LOST);
}

/** All else: calls go wrong in further ways, and in the chief ones where `walkedCloud` lets them not. */
export function walkedInOtherWays<S extends CloudSite>(walked: WalkedCloud<S>, ways: Ways): void {
  describe(`the ${walked.driver} driver in a launcher`, () => {
    const walk = walkOf(walked);
    const others = walk.kinds.slice(1);
    livesThough(walk, ways, walk.kinds);
    livesThough(walk, REFUSED, others);
    startsThough(walk, ways, walk.kinds);
    startsThough(walk, CHIEF_WAYS, others);
    if (walked.signIn.length > 0) livesThoughTokensEnd(walk);
  });
  livesWithLag(walked, { ...REFUSED, ...ways });
}

/** Without this the other tests could let go wrong what no longer is. */
function makesKnownCalls<S extends CloudSite>(walk: Walk<S>): void {
  const { signIn, looks } = walk.walked;
  for (const [what, { start, life }] of walk.kinds)
    it(`makes ${what} with exactly the calls that these tests let go wrong`, () =>
      walk.run(what, async (scene) => {
        await walk.live(scene);
        const expected = new Set([...signIn, ...start, ...life]);
        const seen = walk.site.cloud.calls.filter(
          (call) => expected.has(call) || !looks.includes(call),
        );
        assert.deepEqual([...new Set(seen)].toSorted(), [...expected].toSorted());
      }));
}

/** One call after the other goes wrong, each in the life of a node of its own. */
function livesThough<S extends CloudSite>(
  walk: Walk<S>,
  ways: Ways,
  kinds: Walk<S>['kinds'],
): void {
  for (const [what, { life, own = life }] of kinds)
    for (const [how, way] of Object.entries(ways))
      it(`makes ${what} with a single attempt though any one call ${how}`, () =>
        walk.run(what, async (scene) => {
          // Past a look for leaks, which makes some of the calls, too.
          await walk.live(scene);
          const faults = own.map((call) => ({ call, ...way }));
          await liveThrough(walk.site.cloud, faults, () => walk.live(scene));
        }));
}

/** Every call of the start goes wrong once. */
function startsThough<S extends CloudSite>(
  walk: Walk<S>,
  ways: Ways,
  kinds: Walk<S>['kinds'],
): void {
  for (const [what, { start }] of kinds)
    for (const [how, way] of Object.entries(ways))
      it(`starts, for ${what}, though each call of the start ${how}`, async () => {
        const { cloud } = walk.site;
        // Where one signs in, a 401 says that the secret is wrong.
        const signIn = way.status === 401 ? [] : walk.walked.signIn;
        for (const call of [...signIn, ...start]) cloud.arm({ call, ...way });
        await walk.run(what, async (scene) => {
          await walk.live(scene);
          assert.ok(!scene.own.lines.some((line) => line.includes('provider cannot start')));
        });
        assert.equal(cloud.armed, 0);
      });
}

/** What goes wrong for good costs an attempt, or time, and nothing else. */
function goesOnAfter<S extends CloudSite>(walk: Walk<S>): void {
  for (const [what, { doom, stubborn }] of walk.kinds) {
    it(`makes ${what} in the next attempt where a call goes wrong for good in the first`, () =>
      walk.run(
        what,
        async (scene) => {
          await walk.live(scene);
          await liveThrough(walk.site.cloud, doom, () => walk.live(scene));
          assert.equal(failedAttempts(scene).length, doom.length);
        },
        2,
      ));

    if (stubborn)
      it(`takes ${what} away in the end where a call of that goes wrong for good at first`, () =>
        walk.run(what, async (scene) => {
          await walk.live(scene);
          const faults = stubborn.map((call): CloudFault => ({ call, mode: 'lose', times: 3 }));
          await liveThrough(walk.site.cloud, faults, () => walk.live(scene));
        }));
  }

  for (const loss of walk.walked.losses)
    it(`makes another one where ${loss.what}`, () =>
      walk.run(
        loss.kind ?? walk.kinds[0]?.[0] ?? '',
        async (scene) => {
          strikeWhileMade(walk, loss);
          await walk.live(scene);
          const failed = failedAttempts(scene);
          assert.equal(failed.length, 1);
          assert.match(failed.join('\n'), loss.words);
        },
        2,
      ));
}

export function failedAttempts({ own }: Scene): readonly string[] {
  return own.lines.filter((line) => line.includes('launch attempt failed'));
}

/** The first machine does not become ready: it is lost when a listing has shown it. */
function strikeWhileMade<S extends CloudSite>({ site, walked }: Walk<S>, loss: Loss<S>): void {
  const { cloud } = site;
  const { listing, shownAt = 2 } = walked;
  let listings = 0;
  cloud.hold('create');
  cloud.onCall = (call) => {
    const [machine] = walked.machines(site);
    if (call !== listing || machine === undefined || ++listings < shownAt) return;
    cloud.onCall = undefined;
    loss.strike(site, machine);
    cloud.release('create');
  };
}

/** At each call of a node's life another token is needed than before. */
function livesThoughTokensEnd<S extends CloudSite>(walk: Walk<S>): void {
  const { signIn, revoke } = walk.walked;
  for (const [what, { life }] of walk.kinds)
    it(`makes ${what} with a single attempt though the token is void at any one call`, () =>
      walk.run(what, async (scene) => {
        const { cloud } = walk.site;
        await walk.live(scene);
        const tokens = (): number => cloud.calls.filter((call) => call === signIn.at(-1)).length;
        const before = tokens();
        for (const voidAt of life) {
          cloud.onCall = (call) => {
            if (call !== voidAt) return;
            cloud.onCall = undefined;
            revoke?.(walk.site);
          };
          await walk.live(scene);
          assert.equal(cloud.onCall, undefined, voidAt);
        }
        assert.equal(tokens() - before, life.length);
      }));
}

/** Leaks are looked for all the time, and none are found. */
function livesWithLag<S extends CloudSite>(walked: WalkedCloud<S>, ways: Ways): void {
  const { lagging, driver } = walked;
  describe(`the ${driver} driver in a launcher, where the cloud is behind in what it says,`, () => {
    it(`makes machines with a single attempt though a look at them ${Object.keys(ways).join(', and ')}`, async () => {
      const site = await lagging.open();
      const [{ label = {} }] = Object.values(walked.kinds) as [WalkedKind];
      const faults = Object.values(ways).flatMap((way) =>
        lagging.calls.map((call) => ({ call, ...way })),
      );
      try {
        await site.play(
          async (scene) => {
            await liveThrough(site.cloud, faults, () => liveAndLeaveNothing(walked, site, scene));
            assert.deepEqual(failedAttempts(scene), []);
          },
          { providers: [site.provider({ labels: { small: label } })] },
        );
      } finally {
        await site.close();
      }
    });
  });
}
