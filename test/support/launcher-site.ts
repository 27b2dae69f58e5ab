/**
 * A place where either launcher may run, Python's or ours, as an operator has it: one `nodepool.yaml`,
 * one ZooKeeper (below a chroot of its own, over TLS), and Zuul beside it. Both are processes.
 */
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLauncher } from '../../fixtures/launcher/start.ts';
import type { RunningDaemon } from '../../fixtures/processes/daemon.ts';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import type { RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { eventually } from './eventually.ts';
import type { Peers } from './peers.ts';
import { pythonEnvironment, startPythonLauncher } from './python-launcher.ts';
import { withLogEnds } from './with-log-ends.ts';
import { uniqueChroot } from './zookeeper.ts';
import { ZuulSide } from './zuul-side.ts';

export type LauncherKind = 'python' | 'ours';

export interface SiteOptions {
  readonly peers: Peers;
  /** With TLS and without; a tick of 500 ms or more. */
  readonly zookeeper: RunningZooKeeper;
  /** Of `nodepool.yaml`, without ZooKeeper's. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** A provider whose servers stay in the making while Python's launcher runs. */
  readonly slowProvider?: string | undefined;
  /** A provider whose servers cannot be deleted while Python's launcher runs. */
  readonly stuckProvider?: string | undefined;
  /** Of the launchers' sessions, default 5: what a killed one held is free after that. */
  readonly sessionSeconds?: number;
}

/** Python's takes its time to start where the machine is loaded. */
const START_MS = 60_000;

export class LauncherSite {
  /** Zuul's hands and eyes: a client of its own, which outlives all launchers. */
  readonly zuul: ZuulSide;
  readonly client: ZooKeeperClient;
  readonly configPath: string;
  readonly #options: SiteOptions;
  readonly #folder: string;
  readonly #chroot: string;
  readonly #started: RunningDaemon[] = [];

  private constructor(options: SiteOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#chroot = uniqueChroot('site');
    this.configPath = join(folder, 'nodepool.yaml');
    this.client = new ZooKeeperClient({
      connectString: options.zookeeper.plainHosts + this.#chroot,
      sessionTimeoutMs: 10_000,
    });
    this.zuul = new ZuulSide(this.client);
  }

  static async make(options: SiteOptions): Promise<LauncherSite> {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-site-'));
    removeWithUs(folder);
    const site = new LauncherSite(options, folder);
    await site.client.start(AbortSignal.timeout(START_MS));
    await site.client.ensurePath('/');
    const { tlsHosts, tls } = options.zookeeper;
    const [host = '', port = ''] = tlsHosts.split(':');
    const text = {
      'zookeeper-servers': [{ host, port: Number(port), chroot: site.#chroot }],
      'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
      'zookeeper-timeout': options.sessionSeconds ?? 5,
      ...options.sections,
    };
    await writeFile(site.configPath, JSON.stringify(text, undefined, 2));
    return site;
  }

  /** For Python Nodepool's commands, beside our own environment. */
  pythonEnvironment(): Promise<Record<string, string>> {
    return pythonEnvironment(this.#folder);
  }

  /** `host:port/chroot` without TLS, for Zuul's own classes. */
  get plainHosts(): string {
    return this.#options.zookeeper.plainHosts + this.#chroot;
  }

  async start(kind: LauncherKind): Promise<RunningDaemon> {
    const { peers, slowProvider, stuckProvider } = this.#options;
    const [workDir, configPath] = [this.#folder, this.configPath];
    const daemon = await (kind === 'python'
      ? startPythonLauncher({ peers, workDir, configPath, slowProvider, stuckProvider })
      : startLauncher({ workDir, configPath, args: ['--no-webapp'] }));
    this.#started.push(daemon);
    return daemon;
  }

  /** Waits until so many pools are registered. */
  async untilOnline(pools: number): Promise<void> {
    await eventually(async () => {
      assert.equal((await this.zuul.components('pool')).length, pools, 'pools online');
    }, START_MS);
  }

  /** Runs the steps of a test; if they fail, the error tells the ends of the launchers' logs. */
  async play(steps: () => Promise<void>): Promise<void> {
    try {
      await withLogEnds(this.#started, 60, steps);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    for (const daemon of this.#started) daemon.kill('SIGKILL');
    await Promise.all(this.#started.map((daemon) => daemon.ended));
    await this.client.close();
    await removeNow(this.#folder);
  }
}
