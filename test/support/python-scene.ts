/**
 * A ZooKeeper that Python's programs reach over TLS and ours without, Zuul's side of it, and Python's
 * launcher, for tests in which it works beside ours or before and after it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RunningDaemon } from '../../fixtures/processes/daemon.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { eventually } from './eventually.ts';
import type { Peers } from './peers.ts';
import { startPythonLauncher } from './python-launcher.ts';
import { ZuulSide } from './zuul-side.ts';

/** For whatever starts: a daemon, its pools, a node. */
export const START_MS = 60_000;

export class PythonScene {
  readonly peers: Peers;
  readonly zookeeper: RunningZooKeeper;
  readonly client: ZooKeeperClient;
  readonly zuul: ZuulSide;
  readonly #folder: string;

  private constructor(peers: Peers, zookeeper: RunningZooKeeper, folder: string) {
    this.peers = peers;
    this.zookeeper = zookeeper;
    this.client = new ZooKeeperClient({ connectString: zookeeper.plainHosts });
    this.zuul = new ZuulSide(this.client);
    this.#folder = folder;
  }

  static async open(peers: Peers): Promise<PythonScene> {
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-python-'));
    const zookeeper = await startZooKeeper({ mode: 'both', tickMs: 1000 });
    const scene = new PythonScene(peers, zookeeper, folder);
    try {
      await scene.client.start(AbortSignal.timeout(START_MS));
    } catch (error) {
      await scene.close();
      throw error;
    }
    return scene;
  }

  /** Python's launcher with these sections of nodepool.yaml; whoever starts it stops it. */
  async startPython(
    sections: Record<string, unknown>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningDaemon> {
    const { tlsHosts, tls } = this.zookeeper;
    const [host = '', port = ''] = tlsHosts.split(':');
    const configPath = join(this.#folder, 'nodepool.yaml');
    const text = JSON.stringify({
      'zookeeper-servers': [{ host, port: Number(port) }],
      'zookeeper-tls': { ca: tls.ca, cert: tls.cert, key: tls.key },
      ...sections,
    });
    await writeFile(configPath, text);
    const { peers } = this;
    return startPythonLauncher({ peers, workDir: this.#folder, configPath, environment });
  }

  /** Until so many pools are registered; `tail` is what to show if they do not come. */
  async untilPools(count: number, tail?: () => Promise<string>): Promise<void> {
    await eventually(async () => {
      assert.equal((await this.zuul.components('pool')).length, count, await tail?.());
    }, START_MS);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.zookeeper.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
