/**
 * The launcher as a process that is killed with SIGKILL while it serves, twice, and started again.
 * `npm run fault` does the same for longer, with Zuul's own classes as load.
 */
import assert from 'node:assert/strict';
import { launcherProgram } from '../../../fixtures/launcher/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { Requestor } from '../../../fixtures/zuul/requestor.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { MortalLauncher } from '../../fault/mortal-launcher.ts';
import { eventually } from '../../support/eventually.ts';

const REQUESTS = 25;

describe('a launcher that is killed', () => {
  let zookeeper: RunningZooKeeper;
  let launcher: MortalLauncher;

  before(async function () {
    if (launcherProgram() === undefined) {
      console.log('      skipped: the launcher is not built');
      this.skip();
    }
    zookeeper = await startZooKeeper({ tickMs: 500 });
    launcher = await MortalLauncher.start(zookeeper.plainHosts);
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (launcher as MortalLauncher | undefined)?.stop();
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  for (const moment of ['building', 'ready'])
    it(`while nodes are ${moment} leaves nothing undone and nothing behind`, async () => {
      await launcher.untilOnline();
      const requestor = new Requestor(launcher.client, systemClock);
      await requestor.start();
      const signal = AbortSignal.timeout(60_000);
      const serve = async (): Promise<string[]> => {
        const grant = await requestor.ask(['fake-label', 'fake-label'], { signal });
        await grant.giveBack();
        return grant.nodes.map((node) => node.id);
      };
      const served = Array.from({ length: REQUESTS }, serve);
      await eventually(async () => {
        const nodes = [...(await launcher.zuul.nodes()).values()];
        assert.ok(nodes.some((node) => node.state === moment));
      });
      await launcher.killAndRestart();
      const handed = (await Promise.all(served)).flat();
      assert.equal(new Set(handed).size, 2 * REQUESTS, 'no node is handed out twice');
      await requestor.stop();
      await launcher.untilNothingIsLeft();
    });
});
