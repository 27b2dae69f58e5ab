/**
 * What outlives its node in the cloud of any driver, or looks as if it did: a launcher finds the former,
 * deletes it though calls go wrong, and leaves the latter alone.
 */
import assert from 'node:assert/strict';

import type { CloudFault, CloudProviderOptions, CloudSite } from './cloud-site.ts';
import { eventually } from './eventually.ts';
import type { Scene } from './launcher-scene.ts';

export interface LeakyCloud<S extends CloudSite> {
  /** As the configuration calls the driver. */
  readonly driver: string;
  readonly open: () => Promise<S>;
  /** Options of the provider; it has label `small`. */
  readonly provider?: CloudProviderOptions;
  /** Before anything is asked for. */
  readonly prepare?: (scene: Scene, site: S) => Promise<void>;
  /** Labels of the node that lives. */
  readonly labels: readonly string[];
  /** Makes one of each kind that is of a node, or an upload, that is no more. */
  readonly leaveBehind: (site: S) => void;
  /** Makes what is nobody's business but its owners'. Resolves when it has all come to be. */
  readonly plantLookAlikes: (site: S) => Promise<void> | void;
  /** Makes a second machine of that node, which lives. */
  readonly plantSecond: (site: S, node: string) => void;
  /** All that is there. */
  readonly census: (site: S) => unknown;
  /** Calls of the search, and of deletions. */
  readonly search: readonly string[];
  readonly deletion: readonly string[];
  /** That call is made once at each look. */
  readonly look: string;
  /** So many looks find and delete what there is. */
  readonly looks: number;
  /** In the log when all are deleted. */
  readonly kinds: readonly string[];
  /** How many resources that are, where that is always the same. */
  readonly deletions?: number;
}

export interface LeakScene<S extends CloudSite> {
  /** That of the test that runs. */
  readonly site: S;
  run(steps: (scene: Scene) => Promise<void>, provider?: CloudProviderOptions): Promise<void>;
  /** Until only this is left, and still is after enough looks to find and delete more. */
  untilOnly(kept: unknown): Promise<void>;
}

/** To be called in the `describe` of the tests: each gets a site of its own. */
export function leaksOf<S extends CloudSite>(leaky: LeakyCloud<S>): LeakScene<S> {
  let opened: S | undefined;
  beforeEach(async () => {
    opened = await leaky.open();
  });
  afterEach(() => opened?.close());
  return {
    get site() {
      assert.ok(opened);
      return opened;
    },
    run(steps, provider) {
      const { site } = this;
      return site.play(
        async (scene) => {
          await leaky.prepare?.(scene, site);
          await steps(scene);
        },
        {
          providers: [site.provider({ ...leaky.provider, ...provider })],
          intervals: { cleanup: 0.1 },
        },
      );
    },
    async untilOnly(kept) {
      const { site } = this;
      const looks = (): number => site.cloud.calls.filter((call) => call === leaky.look).length;
      await eventually(() => {
        assert.deepEqual(leaky.census(site), kept);
      });
      const before = looks();
      await eventually(() => {
        assert.ok(looks() >= before + leaky.looks);
      });
      assert.deepEqual(leaky.census(site), kept);
    },
  };
}

export function leaksAreFound<S extends CloudSite>(
  leaky: LeakyCloud<S>,
  leaks: LeakScene<S>,
): void {
  it('are found and deleted; what is of others and of nodes that live stays', () =>
    leaks.run(async ({ zuul, own }) => {
      await zuul.ask(leaky.labels);
      await leaky.plantLookAlikes(leaks.site);
      const kept = leaky.census(leaks.site);
      leaky.leaveBehind(leaks.site);
      await leaks.untilOnly(kept);
      const deleted = own.lines
        .filter((line) => line.includes('leaked resource deleted'))
        .map((line) => /"kind":"([^"]+)"/.exec(line)?.[1] ?? '');
      for (const kind of leaky.kinds)
        assert.ok(deleted.includes(kind), `${kind} are among ${deleted.join()}`);
      assert.equal(deleted.length, leaky.deletions ?? deleted.length);
      // What cannot be deleted may not have been tried.
      assert.deepEqual(
        own.lines.filter((line) => line.includes('leaked resource not deleted')),
        [],
      );
    }));

  it('are found where a second machine of a node that lives is left', () =>
    leaks.run(async ({ zuul }) => {
      const { nodes } = await zuul.ask(leaky.labels.slice(-1));
      const kept = leaky.census(leaks.site);
      const [node = ''] = nodes;
      leaky.plantSecond(leaks.site, node);
      await leaks.untilOnly(kept);
    }));
}

export function leaksGoThough<S extends CloudSite>(
  leaky: LeakyCloud<S>,
  leaks: LeakScene<S>,
  modes: readonly CloudFault['mode'][],
): void {
  for (const mode of modes)
    it(`are deleted though each call goes wrong: ${mode}`, () =>
      leaks.run(async () => {
        const { site } = leaks;
        const kept = leaky.census(site);
        for (const call of leaky.search) site.cloud.arm({ call, mode });
        // Three times are for good, for this time.
        const times = mode === 'hang' ? 1 : 3;
        for (const call of leaky.deletion) site.cloud.arm({ call, mode, times });
        leaky.leaveBehind(site);
        await leaks.untilOnly(kept);
        await eventually(() => {
          assert.equal(site.cloud.armed, 0);
        });
      }));
}
