/**
 * A launcher is killed in the middle of a burst of Zuul's requests, the other kind starts at once, and
 * cleans up what it finds: every request is served, nothing is handed out twice and nothing is left.
 */
import assert from 'node:assert/strict';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { eventually } from '../../support/eventually.ts';
import { config, fakeProvider } from '../../support/launcher-scene.ts';
import { LauncherSite } from '../../support/launcher-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { startZuulLoad } from '../../support/zuul-load.ts';

const REQUESTS = 40;
const QUIET_MS = 60_000;

/** The burst takes some rounds of launches, so that the kill finds some of everything. */
const MAX_SERVERS = 15;

describe('a burst of requests', function () {
  this.timeout(180_000);
  let peers: Peers;
  let zookeeper: RunningZooKeeper;

  before(async function () {
    peers = await peersOrSkip(this, { needsLauncher: true });
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  for (const [first, next] of [
    ['python', 'ours'],
    ['ours', 'python'],
  ] as const)
    it(`in which the launcher is killed (${first}) is served to its end by the next (${next})`, async () => {
      const provider = fakeProvider({
        labels: ['fake-label'],
        pool: { 'max-servers': MAX_SERVERS },
      });
      const sections = config({ providers: [provider], faults: { 'create-delay': [0.1, 0.3] } });
      const site = await LauncherSite.make({ peers, zookeeper, sections });
      await site.play(async () => {
        const old = await site.start(first);
        await site.untilOnline(1);
        const load = startZuulLoad(peers, [
          ...['--hosts', site.plainHosts, '--label', 'fake-label', '--nodes', '1=3,2,3'],
          ...['--requests', String(REQUESTS), '--hold', '0.2', '--timeout', '90'],
          ...['--wait-pools', '1', '--settle', '0'],
        ]);
        await eventually(async () => {
          const nodes = [...(await site.zuul.nodes()).values()];
          assert.ok(nodes.some((node) => node.state === 'in-use'));
          const ids = await site.zuul.requestIds();
          const requests = await Promise.all(ids.map((id) => site.zuul.request(id)));
          assert.ok(requests.some((request) => request?.state === 'pending'));
        }, QUIET_MS);
        old.kill('SIGKILL');
        await site.start(next);
        const result = await load.result;
        assert.deepEqual(result.violation_samples, []);
        const { fulfilled, lost, failed } = result;
        assert.deepEqual({ fulfilled, lost, failed }, { fulfilled: REQUESTS, lost: 0, failed: 0 });
        await eventually(async () => {
          assert.deepEqual(await site.zuul.requestIds(), []);
          assert.deepEqual(await site.zuul.nodeIds(), []);
        }, QUIET_MS);
        await untilUnlocked(site, next === 'python');
      });
    });
});

/**
 * No lock of a node or request is held, of requests that exist where `isPython`: Python's launcher
 * keeps the lock of a request that went away while it asked for it until its session ends.
 */
async function untilUnlocked({ zuul }: LauncherSite, isPython: boolean): Promise<void> {
  await eventually(async () => {
    const held = await zuul.heldLocks();
    const isForgotten = (path: string): boolean =>
      isPython && path.startsWith('/nodepool/requests-lock/');
    assert.deepEqual(
      held.filter((path) => !isForgotten(path)),
      [],
    );
  }, QUIET_MS);
}
