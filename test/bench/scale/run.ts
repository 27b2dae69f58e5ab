/**
 * One launcher in the large installation, from its start to its stop:
 *
 *   start    until every full pool has begun a request that waits for room, and all is quiet
 *   idle     nothing happens
 *   room     one node after the other is given back: how long until the next launch begins there,
 *            and whether it is for the right request
 *   reload   a file with higher limits for all pools takes the place of the old one
 *   gate     from the first request that is fulfilled then until all are
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fourLetterWord } from '../../../fixtures/zookeeper/four-letter-word.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { COMPONENTS, NODES, REQUESTS } from '../../../shared/store/paths.ts';
import type { Peers } from '../../support/peers.ts';
import { startContender, type Contender, type ContenderName } from './contender.ts';
import { fillNodes, fillRequests, type UsedNode } from './fill.ts';
import { configText, planLayout, type Layout, type Size } from './layout.ts';
import { readLoopDelay, type LoopDelay } from './loop-delay.ts';
import { Observer } from './observer.ts';
import { measureRoom, type RoomFigures } from './room.ts';

export interface RunOptions {
  readonly name: ContenderName;
  readonly size: Size;
  readonly workDir: string;
  readonly portBase: number;
  readonly peers: Peers | undefined;
  /** Longest time of the start and of the gate, each. */
  readonly limitMs: number;
  /** How many nodes are given back one after the other. */
  readonly releases: number;
  readonly isProfiled: boolean;
}

interface StartFigures {
  /** From the process's start to its registration, which follows at once on the reading. */
  readonly caches_seconds: number | null;
  readonly first_decision_ms: number | null;
  readonly settled_seconds: number;
  readonly cpu_seconds: number;
  readonly rss_mib: number;
  readonly zk_packets: number;
}

interface IdleFigures {
  readonly cpu_percent: number;
  readonly zk_packets_per_second: number;
}

interface GateFigures {
  readonly served: number;
  readonly requests_per_second: number;
  /** From the new limits in the file to the first request fulfilled. */
  readonly first_ms: number;
  readonly cpu_ms_per_request: number;
  readonly zk_packets_per_request: number;
}

export interface RunFigures {
  /** Undefined: it came to the end. Else what did not happen in time. */
  readonly failure?: string;
  /** At most. */
  readonly rss_mib: number;
  readonly start?: StartFigures;
  readonly idle?: IdleFigures;
  readonly room?: RoomFigures;
  readonly gate?: GateFigures;
  /** By phase. */
  readonly event_loop?: Readonly<Record<string, LoopDelay>>;
  readonly stop_seconds?: number;
}

const IDLE_MS = 15_000;
/** Quiet: fewer packets than this in a second, for so many seconds. */
const QUIET_PACKETS = 10;
const QUIET_SECONDS = 2;

export async function runOne(options: RunOptions): Promise<RunFigures> {
  await mkdir(options.workDir, { recursive: true });
  const zookeeper = await startZooKeeper({
    mode: 'both',
    portBase: options.portBase,
    tickMs: 2000,
    heapMib: 768,
  });
  const client = new ZooKeeperClient({
    connectString: zookeeper.plainHosts,
    sessionTimeoutMs: 40_000,
  });
  try {
    await client.start(AbortSignal.timeout(20_000));
    return await new Run(options, zookeeper, client).measure();
  } finally {
    await client.close();
    await zookeeper.stop();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #zookeeper: RunningZooKeeper;
  readonly #client: ZooKeeperClient;
  readonly #layout: Layout;
  readonly #observer: Observer;
  readonly #spans: Partial<Record<string, { fromMs: number; toMs: number }>> = {};

  constructor(options: RunOptions, zookeeper: RunningZooKeeper, client: ZooKeeperClient) {
    this.#options = options;
    this.#zookeeper = zookeeper;
    this.#client = client;
    this.#layout = planLayout(options.size);
    this.#observer = new Observer(client);
  }

  async measure(): Promise<RunFigures> {
    const used = await this.#fill();
    const { name, workDir, peers, isProfiled } = this.#options;
    const configPath = join(workDir, 'nodepool.yaml');
    await this.#writeConfig(configPath, 0);
    await writeFile(join(workDir, 'secure.yaml'), '{}\n');
    say(name, 'start');
    const launcher = await startContender({ name, workDir, configPath, peers, isProfiled });
    let figures: RunFigures = { rss_mib: 0 };
    try {
      figures = { ...figures, start: await this.#span('start', () => this.#start(launcher)) };
      say(name, 'idle');
      figures = { ...figures, idle: await this.#span('idle', () => this.#idle(launcher)) };
      say(name, 'room');
      figures = { ...figures, room: await this.#span('room', () => this.#room(used)) };
      say(name, 'gate');
      figures = { ...figures, gate: await this.#gate(launcher, configPath) };
    } catch (error) {
      if (!(error instanceof Late)) throw error;
      figures = { ...figures, failure: error.message };
    } finally {
      if (launcher.daemon.isRunning) {
        figures = { ...figures, rss_mib: (await launcher.memory()).most };
      } else {
        figures = { ...figures, failure: `it ended:\n${await launcher.daemon.tail()}` };
      }
      const stopping = performance.now();
      await launcher.daemon.stop();
      figures = { ...figures, stop_seconds: seconds(performance.now() - stopping) };
      await this.#observer.stop();
    }
    if (name === 'ours') figures = { ...figures, event_loop: await this.#loopDelays(launcher) };
    return figures;
  }

  async #fill(): Promise<UsedNode[]> {
    const { name, size } = this.#options;
    for (const path of [NODES, REQUESTS]) await this.#client.ensurePath(path);
    say(name, 'fill');
    const used = await fillNodes(this.#client, this.#layout);
    await fillRequests(this.#client, this.#layout.wanted, size.requests);
    await this.#observer.start();
    return used;
  }

  async #writeConfig(path: string, spare: number): Promise<void> {
    const { tlsHosts, tls } = this.#zookeeper;
    const text = configText(this.#layout, { servers: tlsHosts.split(','), tls, spare });
    await writeFile(path, text);
  }

  async #start(launcher: Contender): Promise<StartFigures> {
    const { counts } = this.#observer;
    const full = this.#layout.pools.filter((pool) => !pool.isStandby && pool.nodes > 0).length;
    const { limitMs } = this.#options;
    const areFull = (): boolean => counts.pending >= full;
    await until(launcher, limitMs, `${full} pools wait for room`, areFull).catch(
      async (error: unknown) => {
        if (!(error instanceof Late) || !launcher.daemon.isRunning) throw error;
        const cpu = Math.round(await launcher.cpuSeconds());
        throw new Late(`${error.message}; ${counts.pending} did, after ${cpu} s of CPU`);
      },
    );
    const settledMs = Date.now();
    if (launcher.name === 'ours') await this.#untilQuiet(launcher);
    const registeredMs = await this.#registered();
    const { firstBegunMs } = this.#observer;
    const hasBoth = registeredMs !== undefined && firstBegunMs !== undefined;
    return {
      caches_seconds:
        registeredMs === undefined ? null : seconds(registeredMs - launcher.startedMs),
      first_decision_ms: hasBoth ? firstBegunMs - registeredMs : null,
      settled_seconds: seconds(settledMs - launcher.startedMs),
      cpu_seconds: round(await launcher.cpuSeconds()),
      rss_mib: (await launcher.memory()).most,
      zk_packets: await this.#packets(),
    };
  }

  /** When the launcher's own entry was made: ours makes it once all is read. */
  async #registered(): Promise<number | undefined> {
    const root = `${COMPONENTS}/launcher`;
    if (!(await this.#client.exists(root))) return undefined;
    const [name] = (await this.#client.children(root)).children;
    return name === undefined ? undefined : (await this.#client.exists(`${root}/${name}`))?.ctime;
  }

  async #untilQuiet(launcher: Contender): Promise<void> {
    let last = await this.#packets();
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_SECONDS; turn++) {
      if (turn > this.#options.limitMs / 1000) throw new Late('not quiet in time');
      await pause(1000);
      const now = await this.#packets();
      quiet = now - last < QUIET_PACKETS ? quiet + 1 : 0;
      last = now;
      if (!launcher.daemon.isRunning) throw new Late('it ended');
    }
  }

  async #idle(launcher: Contender): Promise<IdleFigures> {
    const cpu = await launcher.cpuSeconds();
    const packets = await this.#packets();
    await pause(IDLE_MS);
    return {
      cpu_percent: round((((await launcher.cpuSeconds()) - cpu) / IDLE_MS) * 100_000),
      zk_packets_per_second: round((((await this.#packets()) - packets) / IDLE_MS) * 1000),
    };
  }

  async #room(used: readonly UsedNode[]): Promise<RoomFigures> {
    const { releases, limitMs } = this.#options;
    return measureRoom({
      client: this.#client,
      observer: this.#observer,
      // Spread over all pools.
      nodes: Array.from({ length: releases }, (_, index) => index * 977).flatMap(
        (index) => used[index % used.length] ?? [],
      ),
      limitMs,
    });
  }

  /** Both phases: `reload` ends, and `gate` begins, with the first request fulfilled. */
  async #gate(launcher: Contender, configPath: string): Promise<GateFigures> {
    const observer = this.#observer;
    const { counts } = observer;
    const { limitMs, releases } = this.#options;
    // The nodes for which room was made are still on their way.
    const areThere = (): boolean => counts.fulfilled >= releases;
    await until(launcher, limitMs, 'launches in the room given back end', areThere);
    const before = { cpu: await launcher.cpuSeconds(), packets: await this.#packets() };
    const served = counts.fulfilled;
    observer.firstFulfilledMs = observer.lastFulfilledMs = undefined;
    const opened = performance.now();
    await this.#span('reload', async () => {
      await this.#writeConfig(configPath, this.#options.size.requests);
      const hasBegun = (): boolean => counts.fulfilled > served;
      await until(launcher, limitMs, 'a request is fulfilled', hasBegun);
    });
    const isDone = (): boolean => counts.requested + counts.pending === 0;
    let failure: unknown;
    await this.#span('gate', () =>
      until(launcher, limitMs, 'all requests are answered', isDone),
    ).catch((error: unknown) => {
      failure = error;
    });
    const answered = counts.fulfilled - served;
    const first = observer.firstFulfilledMs as number | undefined;
    const last = observer.lastFulfilledMs as number | undefined;
    if (first === undefined || last === undefined) throw failure;
    return {
      served: answered,
      requests_per_second: round(((answered - 1) / (last - first)) * 1000),
      first_ms: Math.round(first - opened),
      cpu_ms_per_request: round((((await launcher.cpuSeconds()) - before.cpu) * 1000) / answered),
      zk_packets_per_request: round(((await this.#packets()) - before.packets) / answered),
    };
  }

  async #span<T>(name: string, work: () => Promise<T>): Promise<T> {
    const fromMs = Date.now();
    try {
      return await work();
    } finally {
      this.#spans[name] = { fromMs, toMs: Date.now() };
    }
  }

  async #loopDelays(launcher: Contender): Promise<Record<string, LoopDelay>> {
    const delays: Record<string, LoopDelay> = {};
    for (const [name, span] of Object.entries(this.#spans)) {
      if (span) delays[name] = await readLoopDelay(launcher.loopFile, span);
    }
    const all = { fromMs: launcher.startedMs, toMs: Infinity };
    delays.all = await readLoopDelay(launcher.loopFile, all);
    return delays;
  }

  /** Requests that the server has had from the launcher, the only one on the TLS port. */
  async #packets(): Promise<number> {
    const { tlsHosts, tls } = this.#zookeeper;
    const port = Number(tlsHosts.split(':')[1]);
    const files = { cert: tls.cert, key: tls.key, both: '' };
    const text = await fourLetterWord(port, 'cons', { ca: tls.ca, server: files, client: files });
    const counts = [...text.matchAll(/recved=(\d+),.*?sid=/g)].map(([, count]) => Number(count));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

/** Something did not happen in time. */
class Late extends Error {}

async function until(
  { daemon }: Contender,
  limitMs: number,
  what: string,
  isSo: () => boolean,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isSo()) {
    if (!daemon.isRunning) throw new Late('it ended');
    if (performance.now() > end) throw new Late(`not within ${limitMs / 1000} s: ${what}`);
    await pause(20);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(name: string, what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${name}: ${what}\n`);
}

function seconds(ms: number): number {
  return round(ms / 1000);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
