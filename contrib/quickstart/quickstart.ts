/**
 * The quickstart: a private ZooKeeper with TLS, a real sshd as a static node, and the launcher as it
 * is shipped; then requests as Zuul makes them, shown while they are served. Ctrl-C ends it all.
 *
 *   npm run quickstart            stays and goes on asking
 *   npm run quickstart -- --once  one round, then the end; exit code 0 if all was served
 *
 * Everything lies in one temporary folder and listens on loopback only.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLauncher, type RunningLauncher } from '../../fixtures/launcher/start.ts';
import { freePorts } from '../../fixtures/processes/ports.ts';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { startSshd } from '../../fixtures/ssh/sshd.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { Requestor } from '../../fixtures/zuul/requestor.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import { sleep } from '../../shared/base/wait.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { quickstartConfig } from './config.ts';
import { serveOne } from './requests.ts';
import { makeScreen, type Screen } from './screen.ts';

/** The first round: what is asked for, all at once. */
const FIRST_ROUND = [['small'], ['small', 'small'], ['large'], ['metal']];
/** Between two requests after the first round. */
const PAUSE_MS = 4000;
/** The launcher has to come up within this time. */
const START_DEADLINE_MS = 30_000;

/** Undone in the reverse order, whatever happens. */
const cleanups: (() => Promise<unknown>)[] = [];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const screen = makeScreen(process.stdout, () => new Date());
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!stopping.signal.aborted) screen.line(`\nstopping (${signal}) ...`);
      stopping.abort();
    });
  try {
    return await run(screen, stopping.signal, values.once);
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    screen.line(`\nquickstart failed: ${messageOf(error)}`);
    return 1;
  } finally {
    for (const cleanup of cleanups.reverse())
      await cleanup().catch((error: unknown) => {
        screen.line(`while stopping: ${messageOf(error)}`);
      });
    screen.line('stopped; nothing is left running');
  }
}

async function run(screen: Screen, signal: AbortSignal, once: boolean): Promise<number> {
  screen.title('Starting');
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-quickstart-'));
  removeWithUs(folder);
  cleanups.push(() => removeNow(folder));
  const house = await startHouse(screen, folder, signal);
  const { launcher } = house;
  void launcher.ended.then(async (how) => {
    if (!signal.aborted && !isDone)
      screen.line(`the launcher ended (${how}):\n${await launcher.tail()}`);
  });
  showPlaces(screen, folder, house);
  const requestor = await connectRequestor(house.zookeeper, signal);
  screen.title('Requests');
  const asking = { requestor, screen, clock: systemClock, signal };
  const served = await Promise.all(FIRST_ROUND.map((labels) => serveOne(asking, labels)));
  isDone = once;
  if (once && served.every(Boolean)) return 0;
  if (once) throw new Error(`not all was served; the launcher says:\n${await launcher.tail()}`);
  screen.line(`\n  one more every ${PAUSE_MS / 1000} seconds; Ctrl-C stops everything\n`);
  for (let number = 0; !signal.aborted; number++) {
    await serveOne(asking, FIRST_ROUND[number % FIRST_ROUND.length] ?? ['small']);
    await sleep(systemClock, PAUSE_MS, signal).catch(() => undefined);
  }
  return 0;
}

/** The launcher may end from now on without that being news. */
let isDone = false;

interface House {
  readonly zookeeper: RunningZooKeeper;
  readonly launcher: RunningLauncher;
  readonly webPort: number;
}

async function startHouse(screen: Screen, folder: string, signal: AbortSignal): Promise<House> {
  const zookeeper = await startZooKeeper({
    workDir: join(folder, 'zookeeper'),
    mode: 'tls',
    tickMs: 1000,
    signal,
  });
  cleanups.push(() => zookeeper.stop());
  screen.done(`ZooKeeper ${zookeeper.version}, TLS`, zookeeper.tlsHosts);
  const sshd = await startSshd({ workDir: join(folder, 'sshd'), signal });
  cleanups.push(() => sshd.stop());
  screen.done('sshd, as a static node', `127.0.0.1:${sshd.port}`);

  const [webPort = 0] = await freePorts(1);
  const configPath = join(folder, 'nodepool.yaml');
  const securePath = join(folder, 'secure.yaml');
  await writeFile(configPath, quickstartConfig({ zookeeper, webPort, ssh: sshd }));
  await writeFile(securePath, '# Passwords and the like would stand here.\n{}\n', { mode: 0o600 });
  const workDir = join(folder, 'launcher');
  await mkdir(workDir);
  const launcher = await startLauncher({ workDir, configPath, securePath });
  cleanups.push(async () => {
    isDone = true;
    await launcher.stop();
  });
  await untilReady(launcher, webPort, signal);
  screen.done('launcher', `pid ${launcher.pid}: node dist/launcher/main.js -f -c ... -s ...`);
  return { zookeeper, launcher, webPort };
}

async function untilReady(
  launcher: RunningLauncher,
  webPort: number,
  signal: AbortSignal,
): Promise<void> {
  const end = systemClock.monotonic() + START_DEADLINE_MS;
  while (systemClock.monotonic() < end) {
    if (!launcher.isRunning) break;
    const url = `http://127.0.0.1:${webPort}/ready`;
    const isReady = await fetch(url, { signal }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await sleep(systemClock, 100, signal);
  }
  throw new Error(`the launcher did not get ready:\n${await launcher.tail()}`);
}

function showPlaces(screen: Screen, folder: string, { zookeeper, webPort, launcher }: House): void {
  screen.title('Where things are');
  screen.place('folder', folder);
  screen.place('configuration', join(folder, 'nodepool.yaml'));
  screen.place('ZooKeeper', `${zookeeper.tlsHosts} (TLS)`);
  screen.place('certificates', `${zookeeper.tls.ca} ${zookeeper.tls.cert} ${zookeeper.tls.key}`);
  screen.place('dashboard', `http://127.0.0.1:${webPort}/`);
  screen.place('lists', `http://127.0.0.1:${webPort}/node-list  /request-list  /label-list`);
  screen.place('log', launcher.logPath);
  screen.place('command line', `node dist/shared/cli/main.js -c ${folder}/nodepool.yaml list`);
}

async function connectRequestor(
  zookeeper: RunningZooKeeper,
  signal: AbortSignal,
): Promise<Requestor> {
  const client = new ZooKeeperClient({
    connectString: zookeeper.tlsHosts,
    tls: zookeeper.tls,
  });
  await client.start(signal);
  cleanups.push(() => client.close());
  const requestor = new Requestor(client, systemClock);
  await requestor.start();
  cleanups.push(() => requestor.stop());
  return requestor;
}

process.exitCode = await main();
