/**
 * A whole real Zuul (`zuul-up.sh` of the shared tools: scheduler, executor, web, Ansible in
 * bubblewrap) runs jobs on static nodes that our launcher, as it is shipped, hands out. Needs root
 * and some minutes; the tool installs what it needs.
 *
 * With NODEPOOL_ZUUL_WORK set to the folder of a Zuul that runs already, that one is used and left
 * running.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  launcherProgram,
  startLauncher,
  type RunningLauncher,
} from '../../../fixtures/launcher/start.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { findPeers } from '../../support/peers.ts';

/** As `run-job` prints it; `run-job --help` explains the fields. Times in seconds. */
interface Build {
  readonly result: string;
  readonly attempts: number;
  readonly requested: number;
  readonly fulfilled: number;
  readonly returned: number;
  readonly gone: number | null;
  readonly nodes: readonly { readonly id: string; readonly address: string }[];
  readonly hostnames: readonly string[];
}

const NODES = '2';

describe('a whole Zuul with our launcher', function () {
  this.timeout(600_000);
  let tool: string;
  let work: string;
  let folder: string;
  let launcher: RunningLauncher;

  before(async function () {
    const peers = await findPeers();
    if (peers === undefined || launcherProgram() === undefined || process.getuid?.() !== 0) {
      console.log('      skipped: no shared tools, the launcher is not built, or we are not root');
      this.skip();
    }
    tool = join(peers.tools, 'zuul-up.sh');
    folder = await mkdtemp(join(tmpdir(), 'nodepool-zuul-'));
    const running = process.env.NODEPOOL_ZUUL_WORK;
    work = running ?? join(folder, 'zuul');
    if (running === undefined)
      await run(tool, ['up', work], { env: { ...process.env, ZUUL_E2E_NODES: NODES } });
    launcher = await startLauncher({
      workDir: folder,
      configPath: join(work, 'nodepool.yaml'),
      args: ['--no-webapp'],
    });
  });

  after(async () => {
    // Nothing was started where the whole was skipped.
    await (launcher as RunningLauncher | undefined)?.stop();
    if (work && process.env.NODEPOOL_ZUUL_WORK === undefined) await run(tool, ['down', work]);
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function runJobs(...args: string[]): Promise<Build[]> {
    const output = await run(tool, ['run-job', ...args, work]).catch(async (error: unknown) => {
      throw new Error(`a job failed; log of the launcher:\n${await launcher.tail(40)}`, {
        cause: error,
      });
    });
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    const builds = lines.map((line) => JSON.parse(line) as Partial<Build>);
    return builds.filter((build): build is Build => build.result !== undefined);
  }

  function assertGood(builds: readonly Build[]): void {
    for (const build of builds) {
      assert.equal(build.result, 'SUCCESS');
      assert.equal(build.attempts, 1, 'no retry: the host keys were right');
      assert.notEqual(build.gone, null, 'the nodes are gone when they have been used');
    }
    const ids = builds.flatMap((build) => build.nodes.map((node) => node.id));
    assert.equal(new Set(ids).size, ids.length, 'no node served two builds');
  }

  it('runs four builds on two nodes, each used again', async () => {
    const builds = await runJobs('--count', '4');
    assert.equal(builds.length, 4);
    assertGood(builds);
    const first = Math.min(...builds.map((build) => build.fulfilled - build.requested));
    console.log(`      first request answered after ${Math.round(first * 1000)} ms`);
  });

  it('runs a build on two nodes, in the order of its nodeset', async () => {
    const builds = await runJobs('--label', 'e2e,e2e');
    assertGood(builds);
    const [build] = builds;
    assert.equal(new Set(build?.nodes.map((node) => node.address)).size, 2);
    assert.equal(build?.hostnames.length, 2);
  });

  it('has registered the label where Zuul shows it', async () => {
    const web = /^ZUUL_WEB=(.*)$/m.exec(await run(tool, ['up', work]))?.[1] ?? '';
    const answer = await fetch(`${web}/api/tenant/e2e/labels`);
    assert.deepEqual(await answer.json(), [{ name: 'e2e' }]);
  });

  it('loses no build when the launcher is killed and started again in the middle', async () => {
    const builds = runJobs('--count', '4', '--seconds', '5');
    const log = async (): Promise<string> => readFile(launcher.logPath, 'utf8');
    const before = (await log()).split('request fulfilled').length;
    while ((await log()).split('request fulfilled').length < before + 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    launcher.kill('SIGKILL');
    await launcher.ended;
    launcher = await startLauncher({
      workDir: folder,
      configPath: join(work, 'nodepool.yaml'),
      args: ['--no-webapp'],
    });
    assertGood(await builds);
  });
});
