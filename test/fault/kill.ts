/**
 * Kills the launcher with SIGKILL in the middle of a real Zuul's load, again and again at random
 * moments, and looks after each time whether every request was served and nothing was left behind.
 *
 * The seed chooses the moments and the sizes. Needs the shared tools with a Zuul.
 */
import assert from 'node:assert/strict';
import { startZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { seededRandom } from '../../shared/drivers/fake/faults.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import { findPeers, type Peers } from '../support/peers.ts';
import { startZuulLoad } from '../support/zuul-load.ts';
import { MortalLauncher } from './mortal-launcher.ts';

/** The burst takes about as long as this: kills fall before, into and behind its work. */
const LATEST_KILL_MS = 1500;
const REQUESTS = 60;

/** Prints how it went; sets the exit code where it went wrong. */
export async function killRounds(options: { seed: number; rounds: number }): Promise<void> {
  const peers = await findPeers({ isRequired: true });
  if (peers === undefined) throw new Error('there are no shared tools: set NODEPOOL_TOOLS');
  const random = seededRandom(options.seed);
  const zookeeper = await startZooKeeper({ tickMs: 500 });
  const hosts = zookeeper.plainHosts;
  const launcher = await MortalLauncher.start(hosts);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const words = await killRound(launcher, { peers, hosts, random });
      console.log(`round ${round}: ${words}, all well`);
    }
    console.log(`${options.rounds} kills survived`);
  } catch (error) {
    console.error(error, `\n--- log of the launcher:\n${await launcher.tail(60)}`);
    process.exitCode = 1;
  } finally {
    await launcher.stop();
    await zookeeper.stop();
  }
}

async function killRound(
  launcher: MortalLauncher,
  { peers, hosts, random }: { peers: Peers; hosts: string; random: () => number },
): Promise<string> {
  const killAfterMs = Math.round(random() * LATEST_KILL_MS);
  const load = startZuulLoad(peers, [
    ...['--hosts', hosts, '--wait-pools', '1', '--settle', '0'],
    ...['--requests', String(REQUESTS), '--nodes', '1=3,2,3', '--timeout', '90'],
    ...['--seed', String(Math.floor(random() * 2 ** 31))],
  ]);
  await load.begun;
  await sleep(systemClock, killAfterMs, new AbortController().signal);
  await launcher.killAndRestart();
  const result = await load.result;
  assert.deepEqual(result.violation_samples, []);
  assert.deepEqual(
    { fulfilled: result.fulfilled, lost: result.lost, failed: result.failed },
    { fulfilled: REQUESTS, lost: 0, failed: 0 },
  );
  await launcher.untilNothingIsLeft();
  await launcher.untilOnline();
  return `killed after ${killAfterMs} ms, ${result.nodes} nodes`;
}
