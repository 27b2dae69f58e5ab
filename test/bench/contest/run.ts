/**
 * One run of a contest: a launcher, ours or Python's, lends machines of a cloud that counts its calls.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { startDaemon, type RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { Requestor } from '../../../fixtures/zuul/requestor.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import type { Peers } from '../../support/peers.ts';
import { startZuulLoad } from '../../support/zuul-load.ts';
import { ZuulSide } from '../../support/zuul-side.ts';
import { LABEL, LIMIT_SECONDS, type Arena } from './arena.ts';

export const contenders = ['python', 'ours'] as const;
export type ContenderName = (typeof contenders)[number];

export interface RunOptions {
  readonly arena: Arena;
  /** What is compared, for names of files: `floating`. */
  readonly variant: string;
  readonly peers: Peers;
  readonly contender: ContenderName;
  /** Requests that are open at a time: 1 is one after another, each gone before the next. */
  readonly inFlight: number;
  readonly nodes: number;
}

export interface RunFigures {
  readonly nodes: number;
  /** From the start of the launcher until it was ready to serve. */
  readonly start_calls: number;
  /** By kind of call: `compute GET /servers/detail`; a node launched and deleted. */
  readonly calls: Readonly<Record<string, number>>;
  readonly calls_per_node: number;
  /** Request to fulfilled, by ZooKeeper's stamps. */
  readonly ready_ms: { readonly p50: number; readonly p99: number };
  /** First request until the last node was gone. */
  readonly seconds: number;
  readonly cpu_ms_per_node: number;
  readonly failed: number;
  /** What it left in the cloud. */
  readonly left: Readonly<Record<string, number>>;
}

/** For anything but the run itself. */
const PATIENCE_MS = 120_000;
/** Of the kernel's clock in /proc: USER_HZ is 100 on all Linux systems that matter. */
const TICKS_A_SECOND = 100;
const POLL_MS = 100;
/** A launcher has done what it does at its start when it called nothing for so long. */
const QUIET_LOOKS = 50;

export async function runOne(options: RunOptions): Promise<RunFigures> {
  const { arena, contender } = options;
  const workDir = join(arena.folder, `${contender}-${options.variant}-${options.inFlight}`);
  await mkdir(workDir, { recursive: true });
  const zookeeper = await startZooKeeper({ mode: 'both', tickMs: 1000 });
  const client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
  let launcher: RunningDaemon | undefined;
  try {
    await client.start(AbortSignal.timeout(PATIENCE_MS));
    arena.forget();
    const configPath = await writeConfig(options, zookeeper, workDir);
    launcher = await startContender(options, workDir, configPath);
    return await measure(options, { zookeeper, client, launcher });
  } finally {
    await launcher?.stop();
    await client.close();
    await zookeeper.stop();
    await arena.wipe();
  }
}

interface Site {
  readonly zookeeper: RunningZooKeeper;
  readonly client: ZooKeeperClient;
  readonly launcher: RunningDaemon;
}

async function measure(options: RunOptions, site: Site): Promise<RunFigures> {
  const { arena, nodes, inFlight } = options;
  const { client, launcher } = site;
  await untilServing(new ZuulSide(client), launcher);
  await untilQuiet(arena);
  const startCalls = sum(arena.counts());
  arena.forget();
  const cpuBefore = await cpuSeconds(launcher.pid);
  const begun = performance.now();
  const served = await (inFlight === 1 ? oneByOne(client, nodes) : manyAtOnce(options, site));
  const seconds = (performance.now() - begun) / 1000;
  const cpu = (await cpuSeconds(launcher.pid)) - cpuBefore;
  const calls = arena.counts();
  return {
    nodes,
    start_calls: startCalls,
    calls,
    calls_per_node: round(sum(calls) / nodes),
    ready_ms: served.readyMs,
    seconds: round(seconds),
    cpu_ms_per_node: round((cpu * 1000) / nodes),
    failed: served.failed,
    left: await arena.census(),
  };
}

interface Served {
  readonly readyMs: { readonly p50: number; readonly p99: number };
  readonly failed: number;
}

/** Each node is gone before the next is asked for. */
async function oneByOne(client: ZooKeeperClient, nodes: number): Promise<Served> {
  const zuul = new ZuulSide(client);
  const requestor = new Requestor(client, systemClock);
  await requestor.start();
  const times: number[] = [];
  let failed = 0;
  for (let number = 0; number < nodes; number++) {
    try {
      const grant = await requestor.ask([LABEL], {
        signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
      });
      times.push(grant.fulfilledMs);
      await grant.giveBack();
      await zuul.untilGone(
        grant.nodes.map(({ id }) => id),
        PATIENCE_MS,
      );
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      failed++;
    }
  }
  await requestor.stop();
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { readyMs: { p50: at(0.5), p99: at(0.99) }, failed };
}

/** Zuul's own classes keep so many requests open; each node is given back at once. */
async function manyAtOnce(options: RunOptions, { zookeeper }: Site): Promise<Served> {
  const load = startZuulLoad(options.peers, [
    ...['--hosts', zookeeper.plainHosts, '--label', LABEL],
    ...['--requests', String(options.nodes), '--arrival', `closed:${options.inFlight}`],
    ...['--timeout', String(LIMIT_SECONDS), '--drain', String(LIMIT_SECONDS)],
  ]);
  const result = (await load.result) as Awaited<typeof load.result> & {
    readonly latency_zk_ms: Served['readyMs'];
  };
  if (result.drain_seconds === null) throw new Error('nodes were not deleted in time');
  const { failed, lost, violations } = result;
  return { readyMs: result.latency_zk_ms, failed: failed + lost + violations };
}

async function untilServing(zuul: ZuulSide, launcher: RunningDaemon): Promise<void> {
  await eventually(
    async () => {
      if (!launcher.isRunning) throw new Error(`it ended:\n${await launcher.tail()}`);
      return (await zuul.components('pool')).length === 1;
    },
    PATIENCE_MS,
    POLL_MS,
  );
}

async function untilQuiet(arena: Arena): Promise<void> {
  let last = -1;
  let looks = 0;
  await eventually(
    () => {
      const now = sum(arena.counts());
      looks = now === last ? looks + 1 : 0;
      last = now;
      return looks >= QUIET_LOOKS;
    },
    PATIENCE_MS,
    POLL_MS,
  );
}

async function writeConfig(
  { arena }: RunOptions,
  zookeeper: RunningZooKeeper,
  workDir: string,
): Promise<string> {
  const [host = '', port = ''] = zookeeper.tlsHosts.split(':');
  const { ca, cert, key } = zookeeper.tls;
  const file = {
    'zookeeper-servers': [{ host, port: Number(port) }],
    'zookeeper-tls': { ca, cert, key },
    labels: [{ name: LABEL }],
    providers: [arena.provider],
  };
  const path = join(workDir, 'nodepool.yaml');
  await writeFile(path, JSON.stringify(file, undefined, 2));
  return path;
}

function startContender(
  { contender, peers, arena }: RunOptions,
  workDir: string,
  configPath: string,
): Promise<RunningDaemon> {
  const { environment, pythonEnvironment } = arena;
  if (contender === 'ours')
    return startLauncher({ workDir, configPath, args: ['--no-webapp'], environment });
  return startDaemon({
    program: peers.nodepoolPython,
    args: [
      join(peers.nodepoolPython, '../nodepool-launcher'),
      ...['-f', '--no-webapp', '-c', configPath, '-p', join(workDir, 'python.pid')],
    ],
    workDir,
    logPath: join(workDir, 'python.log'),
    environment: { ...environment, ...pythonEnvironment },
  });
}

/** User and system time until now. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The fields after the name, which may hold blanks: the first one is the third of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.reduce((all, one) => all + one, 0) / TICKS_A_SECOND;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
