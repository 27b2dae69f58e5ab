/**
 * What the driver of every cloud is put through in a launcher: each call of the start and of a node's
 * life goes wrong, in one way after the other. The node is there nevertheless, and in the end nothing is
 * left. A driver's tests say which calls there are, and what a node is made of.
 */
import assert from 'node:assert/strict';

import { liveNode } from './cloud-life.ts';
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
  /** The call of `listing` that has shown a machine which is being made. Default: the second one. */
  readonly shownAt?: number;
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

/** A node's life, after which nothing is left. */
export async function liveAndLeaveNothing<S extends CloudSite>(
  { check }: WalkedCloud<S>,
  site: S,
  scene: Scene,
): Promise<void> {
  await liveNode(scene, 'small', (node) => {
    check(site, node);
  });
  await site.untilEmpty();
}
