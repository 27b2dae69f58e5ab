/**
 * One test before a real Kubernetes: our launcher as it is shipped, or Python's, on a ground of its own and
 * below a chroot of its own in ZooKeeper, with Zuul's side beside it.
 */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { pythonKubernetes } from '../../support/python-kubernetes.ts';
import { startPythonLauncher } from '../../support/python-launcher.ts';
import { uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide, type InUse, type ZnodeRecord } from '../../support/zuul-side.ts';
import { Ground, PATIENCE_MS, type Census, type GroundOptions } from './ground.ts';
import { contextOf, podLabel, type Kind } from './kinds.ts';
import type { KubeServices } from './services.ts';

/** The label of tests that need one only. */
export const LABEL = 'small-node';
const POLL_MS = 100;
/** Rounds of upkeep come soon, so that what is left behind goes soon. */
const INTERVALS = { cleanup: 2, delete: 1, 'config-check': 1, 'cloud-poll': 1 };
/** Longer than a stop of the whole machine by other tests, and short enough to wait for. */
const SESSION_SECONDS = 6;

/** Fields of nodepool.yaml, which stand over the scene's. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Setup {
  readonly provider?: Fields;
  readonly pool?: Fields;
  /** By name, whole. Default: the one label, of pods. */
  readonly labels?: Readonly<Record<string, Fields>>;
  /** Of the launcher's web server. Default: it has none. */
  readonly webPort?: number;
}

/** A node that was lent. */
export interface Lent {
  readonly request: string;
  readonly nodeId: string;
  readonly node: ZnodeRecord;
}

export type Contender = 'ours' | 'python';

export class Scene {
  readonly ground: Ground;
  readonly kind: Kind;
  readonly zuul: ZuulSide;
  /** Without TLS, for Zuul's own classes. */
  readonly plainHosts: string;
  readonly configPath: string;
  readonly #client: ZooKeeperClient;
  readonly #chroot: string;
  #launcher: RunningDaemon | undefined;
  #isConfigured = false;
  #hasWeb = false;

  private constructor(
    ground: Ground,
    kind: Kind,
    parts: { client: ZooKeeperClient; chroot: string; hosts: string },
  ) {
    this.ground = ground;
    this.kind = kind;
    this.#client = parts.client;
    this.#chroot = parts.chroot;
    this.plainHosts = parts.hosts;
    this.zuul = new ZuulSide(parts.client);
    this.configPath = join(ground.folder, 'nodepool.yaml');
  }

  /** On a ground that is not the scene's to drop. */
  static async open(ground: Ground, kind: Kind): Promise<Scene> {
    const chroot = uniqueChroot('kube');
    const { plainHosts } = await zookeeper();
    const hosts = plainHosts + chroot;
    const client = new ZooKeeperClient({ connectString: hosts, sessionTimeoutMs: 10_000 });
    await client.start(AbortSignal.timeout(PATIENCE_MS));
    await client.ensurePath('/');
    return new Scene(ground, kind, { client, chroot, hosts });
  }

  /** Writes nodepool.yaml; a running launcher takes it up. */
  async configure(setup: Setup = {}): Promise<void> {
    const { provider = {}, pool = {}, labels = { [LABEL]: podLabel(this.kind) }, webPort } = setup;
    this.#hasWeb = webPort !== undefined;
    const server = await zookeeper();
    const [host = '', port = ''] = server.tlsHosts.split(':');
    const { ca, cert, key } = server.tls;
    const entries = Object.entries(labels).map(([name, fields]) => ({ name, ...fields }));
    const file = {
      'zookeeper-servers': [{ host, port: Number(port), chroot: this.#chroot }],
      'zookeeper-tls': { ca, cert, key },
      'zookeeper-timeout': SESSION_SECONDS,
      labels: Object.keys(labels).map((name) => ({ name })),
      providers: [
        {
          name: this.ground.provider,
          driver: this.kind,
          context: contextOf(this.kind),
          pools: [{ name: this.ground.pool, labels: entries, ...pool }],
          ...provider,
        },
      ],
      ...(webPort !== undefined && { webapp: { port: webPort, listen_address: '127.0.0.1' } }),
      extensions: { intervals: INTERVALS },
    };
    await writeFile(`${this.configPath}.new`, JSON.stringify(file, undefined, 2));
    await rename(`${this.configPath}.new`, this.configPath);
    this.#isConfigured = true;
  }

  /** Starts a launcher, with the scene's configuration if there is no other, until it serves. */
  async start(
    contender: Contender = 'ours',
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    if (!this.#isConfigured) await this.configure();
    const { folder } = this.ground;
    const options = { workDir: folder, configPath: this.configPath };
    const all = { ...this.ground.environment, ...environment };
    const { peers } = this.ground.services;
    const launcher =
      contender === 'ours'
        ? await startLauncher({
            ...{ ...options, environment: all, isDebug: true },
            args: this.#hasWeb ? [] : ['--no-webapp'],
          })
        : await startPythonLauncher({
            ...{ ...options, peers },
            environment: { ...all, PYTHONPATH: await pythonKubernetes(peers) },
          });
    this.#launcher = launcher;
    await this.until(async () => {
      if (!launcher.isRunning) throw new Error('the launcher ended');
      assert.equal((await this.zuul.components('pool')).length, 1, 'pools that serve');
    });
  }

  /** SIGKILL; resolves when the process has ended. */
  async kill(): Promise<void> {
    this.#launcher?.kill('SIGKILL');
    await this.#launcher?.ended;
  }

  async stop(): Promise<void> {
    await this.#launcher?.stop();
  }

  /** A condition on the real services, which take their time. */
  until(condition: () => unknown, timeoutMs = PATIENCE_MS): Promise<void> {
    return eventually(condition, timeoutMs, POLL_MS);
  }

  /** Waits until the launcher has logged it. */
  async untilLogged(text: RegExp): Promise<void> {
    await this.until(async () => {
      assert.match(await this.log(), text);
    });
  }

  log(): Promise<string> {
    return this.#launcher?.tail(100_000) ?? Promise.resolve('');
  }

  /** Asks for a node and waits for it. */
  async lend(label = LABEL): Promise<Lent> {
    return this.lent(await this.zuul.submit([label]));
  }

  /** Waits for the node of a request. */
  async lent(request: string): Promise<Lent> {
    const { nodes } = await this.#untilAnswered(request, 'fulfilled');
    const [nodeId = ''] = nodes as string[];
    const node = await this.zuul.node(nodeId);
    assert.ok(node);
    return { request, nodeId, node };
  }

  async untilFailed(request: string): Promise<void> {
    await this.#untilAnswered(request, 'failed');
  }

  use({ request, nodeId }: Lent): Promise<InUse> {
    return this.zuul.use(request, [nodeId]);
  }

  /** Takes the node and gives it back; resolves when the launcher has deleted it. */
  async giveBack(lent: Lent): Promise<void> {
    const inUse = await this.use(lent);
    await inUse.giveBack();
    await this.zuul.untilGone([lent.nodeId], PATIENCE_MS);
  }

  /** Requests of a killed launcher are cancelled, so what it launched is deleted or stands by: take it. */
  async untilNodesGone(): Promise<void> {
    await this.until(async () => {
      for (const [id, { state }] of await this.zuul.nodes())
        if (state === 'ready') {
          const held = await this.zuul.tryLock(id);
          await this.zuul.change(id, { state: 'used' });
          await held?.release();
        }
      assert.deepEqual(await this.zuul.nodeIds(), [], 'nodes');
    });
  }

  /** Nothing is left: no node, no request, nothing in the cluster but what the test says. */
  async untilEmpty(kept: Partial<Census> = {}): Promise<void> {
    await this.until(async () => {
      assert.deepEqual(await this.zuul.nodeIds(), [], 'nodes');
      assert.deepEqual(await this.zuul.requestIds(), [], 'requests');
      assert.deepEqual(await this.zuul.heldLocks(), [], 'locks');
      assert.deepEqual(await this.ground.census(), { namespaces: 0, pods: 0, ...kept });
    });
  }

  async close(): Promise<void> {
    await this.#launcher?.stop();
    await this.#client.close();
  }

  /** Adds the end of the launcher's log to an error. */
  async explain(error: unknown): Promise<unknown> {
    const log = (await this.#launcher?.tail(80).catch(() => '')) ?? '';
    const counts = JSON.stringify(this.ground.proxy.counts(), undefined, 1);
    if (error instanceof Error) {
      error.stack = `${error.stack ?? ''}\n--- calls: ${counts}\n--- log:\n${log}`;
    }
    return error;
  }

  async #untilAnswered(request: string, wanted: string): Promise<ZnodeRecord> {
    let last: ZnodeRecord | undefined;
    await this.until(async () => {
      last = await this.zuul.request(request);
      const state = String(last?.state);
      return state === 'fulfilled' || state === 'failed';
    });
    assert.equal(last?.state, wanted, JSON.stringify(last));
    return last;
  }
}

/** Runs a test's steps on a scene of its own; if they fail, the error tells what the launcher logged. */
export async function play(
  services: KubeServices,
  kind: Kind,
  steps: (scene: Scene) => Promise<void>,
  options: GroundOptions = {},
): Promise<void> {
  const ground = await Ground.make(services, options);
  try {
    await playOn(ground, kind, steps);
  } finally {
    await ground.drop();
  }
}

/** On a ground that stays. */
export async function playOn<T>(
  ground: Ground,
  kind: Kind,
  steps: (scene: Scene) => Promise<T>,
): Promise<T> {
  const scene = await Scene.open(ground, kind);
  try {
    return await steps(scene);
  } catch (error) {
    throw await scene.explain(error);
  } finally {
    await scene.close();
  }
}
