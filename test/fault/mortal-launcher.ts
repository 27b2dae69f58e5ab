/**
 * A launcher process that is killed in the middle of its work and started again, with the same
 * configuration, and what must hold when all is quiet again. The reader of ZooKeeper is a client of
 * its own that knows nothing of the launcher.
 */
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLauncher, type RunningLauncher } from '../../fixtures/launcher/start.ts';
import { removeNow, removeWithUs } from '../../fixtures/processes/reaper.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { eventually } from '../support/eventually.ts';
import { config } from '../support/launcher-scene.ts';
import { ZuulSide } from '../support/zuul-side.ts';

/** The dead session ends after this; then the next launcher can have its locks. Seconds. */
const SESSION_SECONDS = 2;
const QUIET_MS = 60_000;

export class MortalLauncher {
  readonly client: ZooKeeperClient;
  readonly zuul: ZuulSide;
  readonly #folder: string;
  readonly #configPath: string;
  #running: RunningLauncher | undefined;

  private constructor(folder: string, hosts: string) {
    this.#folder = folder;
    this.#configPath = join(folder, 'nodepool.yaml');
    this.client = new ZooKeeperClient({ connectString: hosts, sessionTimeoutMs: 10_000 });
    this.zuul = new ZuulSide(this.client);
  }

  /** `hosts` is one server, `host:port`. */
  static async start(hosts: string): Promise<MortalLauncher> {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-mortal-'));
    removeWithUs(folder);
    const mortal = new MortalLauncher(folder, hosts);
    const [host = '', port = ''] = hosts.split(':');
    const sections = {
      'zookeeper-servers': [{ host, port: Number(port) }],
      'zookeeper-timeout': SESSION_SECONDS,
      ...config({ faults: { 'create-delay': [0.02, 0.3] }, labels: ['fake-label'] }),
    };
    await writeFile(mortal.#configPath, JSON.stringify(sections, undefined, 2));
    await mortal.client.start(AbortSignal.timeout(20_000));
    await mortal.#launch();
    return mortal;
  }

  /** SIGKILL, and a new process at once. */
  async killAndRestart(): Promise<void> {
    this.#running?.kill('SIGKILL');
    await this.#running?.ended;
    await this.#launch();
  }

  /** No node, no request and no lock is left of anybody, sooner or later. */
  async untilNothingIsLeft(): Promise<void> {
    await eventually(async () => {
      assert.deepEqual(await this.zuul.requestIds(), [], 'requests');
      assert.deepEqual(await this.zuul.nodeIds(), [], 'nodes');
      assert.deepEqual(await this.zuul.heldLocks(), [], 'locks');
    }, QUIET_MS);
  }

  async untilOnline(pools = 1): Promise<void> {
    await eventually(async () => {
      assert.equal((await this.zuul.components('pool')).length, pools);
    });
  }

  tail(lines?: number): Promise<string> {
    return this.#running?.tail(lines) ?? Promise.resolve('');
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    await this.client.close();
    await removeNow(this.#folder);
  }

  async #launch(): Promise<void> {
    this.#running = await startLauncher({
      workDir: this.#folder,
      configPath: this.#configPath,
      args: ['--no-webapp'],
    });
  }
}
