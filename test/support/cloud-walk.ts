/**
 * What the driver of every cloud is put through in a launcher: each call of the start and of a node's
 * life goes wrong, in one way after the other. The node is there nevertheless, and in the end nothing is
 * left. A driver's tests say which calls there are, and what a node is made of.
 */
import assert from 'node:assert/strict';

import { liveNode, liveThrough } from './cloud-life.ts';
import type { CloudFault, CloudSite, Fields } from './cloud-site.ts';
import type { Scene } from './launcher-scene.ts';
import type { ZnodeRecord } from './zuul-side.ts';

export type Ways = Readonly<Record<string, Omit<CloudFault, 'call'>>>;

/** Nothing was done. */
export const REFUSED: Ways = { 'is refused with 500': { mode: 'fail' } };

/** It was done, and nobody heard of it. */
export const ANSWER_LOST: Ways = { 'loses its answer': { mode: 'lose' } };

/** What every test run sees. */
export const CHIEF_WAYS: Ways = { ...REFUSED, ...ANSWER_LOST };

/** What hangs is given up by the deadline that the site has set. */
export const NEVER_ANSWERED: Ways = { 'is never answered': { mode: 'hang' } };

/** One of the forms in which a cloud has machines. */
export interface WalkedKind {
  /** Options of its label. */
  readonly label?: Fields;
  /** Calls of the provider's start but for those that sign in. */
  readonly start: readonly string[];
  /** Those of a node, from its request to its end. */
  readonly life: readonly string[];
  /** Those among them that go wrong: what another kind has, too, does so there. Default: all. */
  readonly own?: readonly string[];
  /** Each lets one launch attempt fail. */
  readonly doom: readonly CloudFault[];
  /** Calls of the end that go wrong for good, for the first time. */
  readonly stubborn?: readonly string[];
}

/** An end that Nodepool has not brought about. */
export interface Loss<S extends CloudSite> {
  readonly what: string;
  /** Default: the first one. */
  readonly kind?: string;
  readonly strike: (site: S, machine: string) => void;
  /** In the log. */
  readonly words: RegExp;
}

export interface WalkedCloud<S extends CloudSite> {
  /** As the configuration calls the driver. */
  readonly driver: string;
  readonly open: () => Promise<S>;
  /** By its name in titles. */
  readonly kinds: Readonly<Record<string, WalkedKind>>;
  /** Calls that get a token, for clouds with tokens. */
  readonly signIn: readonly string[];
  /** Of the look for leaks that a launcher may begin with; the tests of leaks let them go wrong. */
  readonly looks: readonly string[];
  /** The call that lists machines. */
  readonly listing: string;
  /** Ids of the machines that are there. */
  readonly machines: (site: S) => readonly string[];
  readonly losses: readonly Loss<S>[];
  /** Fails unless all that is there is that node's, which is ready. */
  readonly check: (site: S, node: ZnodeRecord) => void;
  /** Opens a site whose listings are behind, and calls that a launch makes for that. */
  readonly lagging: { readonly open: () => Promise<S>; readonly calls: readonly string[] };
  /** Makes every token void, for clouds with tokens. */
  readonly revoke?: (site: S) => void;
}

export interface Walk<S extends CloudSite> {
  readonly walked: WalkedCloud<S>;
  /** That of the test that runs. */
  readonly site: S;
  readonly kinds: readonly (readonly [what: string, kind: WalkedKind])[];
  /** Nothing is collected: what a node takes has to go with it. */
  run(kind: string, steps: (scene: Scene) => Promise<void>, retries?: number): Promise<void>;
  /** A node's life, after which nothing is left. */
  live(scene: Scene): Promise<void>;
}

/** To be called in the `describe` of the tests: each gets a site of its own. */
export function walkOf<S extends CloudSite>(walked: WalkedCloud<S>): Walk<S> {
  let site: S | undefined;
  beforeEach(async () => {
    site = await walked.open();
  });
  afterEach(() => site?.close());
  const opened = (): S => {
    assert.ok(site);
    return site;
  };
  return {
    walked,
    get site() {
      return opened();
    },
    kinds: Object.entries(walked.kinds),
    run(kind, steps, retries = 1) {
      const { label = {} } = kindOf(walked, kind);
      const provider = { 'launch-retries': retries };
      return opened().play(steps, {
        providers: [opened().provider({ labels: { small: label }, provider })],
        intervals: { cleanup: 3600 },
      });
    },
    live: (scene) => liveAndLeaveNothing(walked, opened(), scene),
  };
}

function kindOf<S extends CloudSite>({ kinds }: WalkedCloud<S>, name: string): WalkedKind {
  const kind = kinds[name];
  assert.ok(kind, `no kind of machines: ${name}`);
  return kind;
}

async function liveAndLeaveNothing<S extends CloudSite>(
  { check }: WalkedCloud<S>,
  site: S,
  scene: Scene,
): Promise<void> {
  await liveNode(scene, 'small', (node) => {
    check(site, node);
  });
  await site.untilEmpty();
}

/** Without this the other tests could let go wrong what no longer is. */
export function makesKnownCalls<S extends CloudSite>(walk: Walk<S>): void {
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
export function livesThough<S extends CloudSite>(
  walk: Walk<S>,
  ways: Ways,
  kinds = walk.kinds,
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
export function startsThough<S extends CloudSite>(
  walk: Walk<S>,
  ways: Ways,
  kinds = walk.kinds,
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
export function goesOnAfter<S extends CloudSite>(walk: Walk<S>): void {
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
  let listings = 0;
  cloud.hold('create');
  cloud.onCall = (call) => {
    const [machine] = walked.machines(site);
    if (call !== walked.listing || machine === undefined || ++listings < 2) return;
    cloud.onCall = undefined;
    loss.strike(site, machine);
    cloud.release('create');
  };
}

/** At each call of a node's life another token is needed than before. */
export function livesThoughTokensEnd<S extends CloudSite>(walk: Walk<S>): void {
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
export function livesWithLag<S extends CloudSite>(walked: WalkedCloud<S>, ways: Ways): void {
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
