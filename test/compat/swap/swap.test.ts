/**
 * One launcher is stopped or killed under load, the other kind takes over with the same
 * configuration: the steps of docs/migration.md, there and back.
 */
import assert from 'node:assert/strict';
import { startSshServer, type RunningSshServer } from '../../../fixtures/ssh/server.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { LauncherSite, type LauncherKind } from '../../support/launcher-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { POOLS, Shop, SLOW_PROVIDER, sections } from './shop.ts';

/** Long enough for the shop to be open before the first try of a slow launch is over. */
const SLOW_TIMEOUT_SECONDS = 8;

const NAMES: Readonly<Record<LauncherKind, string>> = { python: "Python's launcher", ours: 'ours' };

describe('a deployment', function () {
  this.timeout(180_000);
  let peers: Peers;
  let zookeeper: RunningZooKeeper;
  let host: RunningSshServer;

  before(async function () {
    peers = await peersOrSkip(this, { needsLauncher: true });
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
    host = await startSshServer({ address: '0.0.0.0' });
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (host as RunningSshServer | undefined)?.stop();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  for (const [first, next, signal] of [
    ['python', 'ours', 'SIGINT'],
    ['python', 'ours', 'SIGTERM'],
    ['python', 'ours', 'SIGKILL'],
    ['ours', 'python', 'SIGINT'],
    ['ours', 'python', 'SIGTERM'],
    ['ours', 'python', 'SIGKILL'],
  ] as const)
    it(`goes on with ${NAMES[next]} after ${signal} to ${NAMES[first]}`, async () => {
      const site = await LauncherSite.make({
        peers,
        zookeeper,
        sections: sections({
          first,
          host,
          slowTimeoutSeconds: isWaitedFor(first, signal) ? SLOW_TIMEOUT_SECONDS : undefined,
        }),
        slowProvider: first === 'python' ? SLOW_PROVIDER : undefined,
      });
      await site.play(async () => {
        const shop = new Shop(site);
        const old = await site.start(first);
        await site.untilOnline(POOLS);
        await shop.open();
        old.kill(signal);
        const code = await old.ended;
        if (isInOrder(first, signal)) {
          assert.equal(code, 0);
          assert.deepEqual(await site.zuul.components('pool'), [], 'registrations');
        }
        await shop.whileClosed();
        await site.start(next);
        await shop.settle();
        await shop.close();
      });
    });
});

/** Python's ends its launches first, which the slow one's would never do by itself. */
function isWaitedFor(kind: LauncherKind, signal: NodeJS.Signals): boolean {
  return kind === 'python' && signal === 'SIGINT';
}

/** Its registrations are taken back before it ends, so nobody waits for its session. */
function isInOrder(kind: LauncherKind, signal: NodeJS.Signals): boolean {
  return signal === 'SIGINT' || (kind === 'ours' && signal === 'SIGTERM');
}
