/**
 * One test before the real services: our launcher as it is shipped, on a ground of its own in the cloud
 * and below a chroot of its own in ZooKeeper, with Zuul's side beside it.
 */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launcherProgram, startLauncher } from '../../../fixtures/launcher/start.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { uniqueChroot, zookeeper } from '../../support/zookeeper.ts';
import { ZuulSide, type InUse, type ZnodeRecord } from '../../support/zuul-side.ts';
import { CLOUD, Ground, IMAGE, type GroundOptions } from './ground.ts';
import { findServices, GOOD_ZONE, type OpenStackServices } from './services.ts';
import { PATIENCE_MS, type Resource } from './tenant.ts';

export const PROVIDER = 'real-cloud';
/** The label of tests that need one only. */
export const LABEL = 'small-node';
const POLL_MS = 200;
/** Rounds of upkeep come soon, so that what is left behind goes soon. */
const INTERVALS = { cleanup: 3, delete: 2, 'config-check': 1, 'cloud-poll': 1 };
/** Longer than a stop of the whole machine by other tests, and short enough to wait for. */
const SESSION_SECONDS = 6;

/** Fields of nodepool.yaml, which stand over the scene's. */
type Fields = Readonly<Record<string, unknown>>;

export interface Setup {
  readonly provider?: Fields;
  readonly pool?: Fields;
  /** By name; each has the scene's image and flavor. Default: the one label, with nothing. */
  readonly labels?: Readonly<Record<string, Fields>>;
  /** Top-level disk images. Default: none. */
  readonly diskimages?: readonly Fields[];
}

/** A node that was lent. */
export interface Lent {
  readonly request: string;
  readonly nodeId: string;
  readonly node: ZnodeRecord;
  /** As nova shows it to the tenant. */
  readonly server: Resource;
}

export class Scene {
  readonly ground: Ground;
  readonly zuul: ZuulSide;
  /** Without TLS, for Zuul's own classes. */
  readonly plainHosts: string;
  readonly #client: ZooKeeperClient;
  readonly #configPath: string;
  readonly #chroot: string;
  #launcher: RunningDaemon | undefined;
  #isConfigured = false;

  private constructor(ground: Ground, client: ZooKeeperClient, chroot: string, hosts: string) {
    this.ground = ground;
    this.#client = client;
    this.#chroot = chroot;
    this.plainHosts = hosts;
    this.zuul = new ZuulSide(client);
    this.#configPath = join(ground.folder, 'nodepool.yaml');
  }

  static async open(services: OpenStackServices, options: GroundOptions = {}): Promise<Scene> {
    const chroot = uniqueChroot('openstack');
    const { plainHosts } = await zookeeper();
    const hosts = plainHosts + chroot;
    const client = new ZooKeeperClient({ connectString: hosts, sessionTimeoutMs: 10_000 });
    const ground = await Ground.make(services, options);
    await client.start(AbortSignal.timeout(PATIENCE_MS));
    await client.ensurePath('/');
    return new Scene(ground, client, chroot, hosts);
  }

  /** Writes nodepool.yaml; a running launcher takes it up. */
  async configure(setup: Setup = {}): Promise<void> {
    const { provider = {}, pool = {}, labels = { [LABEL]: {} }, diskimages = [] } = setup;
    const server = await zookeeper();
    const [host = '', port = ''] = server.tlsHosts.split(':');
    const { ca, cert, key } = server.tls;
    const file = {
      'zookeeper-servers': [{ host, port: Number(port), chroot: this.#chroot }],
      'zookeeper-tls': { ca, cert, key },
      'zookeeper-timeout': SESSION_SECONDS,
      labels: Object.keys(labels).map((name) => ({ name })),
      diskimages,
      providers: [this.#provider(provider, { ...pool, labels: labelEntries(labels) })],
      extensions: { intervals: INTERVALS },
    };
    await writeFile(`${this.#configPath}.new`, JSON.stringify(file, undefined, 2));
    await rename(`${this.#configPath}.new`, this.#configPath);
    this.#isConfigured = true;
  }

  /** Starts the launcher, with the scene's configuration if there is no other, until it serves. */
  async start(): Promise<void> {
    if (!this.#isConfigured) await this.configure();
    const launcher = await startLauncher({
      workDir: this.ground.folder,
      configPath: this.#configPath,
      args: ['--no-webapp'],
      environment: this.ground.environment,
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
    const path = `/servers/${String(node.external_id)}`;
    const { server } = (await this.ground.tenant.rest.get('compute', path)) as { server: Resource };
    return { request, nodeId, node, server };
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

  /** Nothing is left: no node, no request, nothing in the cloud but what the test says. */
  async untilEmpty(kept: Partial<Awaited<ReturnType<Ground['tenant']['census']>>> = {}) {
    const none = { servers: 0, ports: 0, floatingIps: 0, volumes: 0, ...kept };
    await this.until(async () => {
      assert.deepEqual(await this.zuul.nodeIds(), [], 'nodes');
      assert.deepEqual(await this.zuul.requestIds(), [], 'requests');
      assert.deepEqual(await this.zuul.heldLocks(), [], 'locks');
      assert.deepEqual(await this.ground.tenant.census(), none);
    });
  }

  async close(): Promise<void> {
    await this.#launcher?.stop();
    await this.#client.close();
    await this.ground.drop();
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
    }, 2 * PATIENCE_MS);
    assert.equal(last?.state, wanted, `request ${request}`);
    return last;
  }

  #provider(provider: Fields, pool: Fields): Fields {
    return {
      name: PROVIDER,
      driver: 'openstack',
      cloud: CLOUD,
      rate: 0.001,
      'boot-timeout': 300,
      'port-cleanup-interval': 2,
      'cloud-images': [{ name: IMAGE, 'image-name': IMAGE }],
      pools: [
        {
          name: 'main',
          'max-servers': 100,
          networks: [this.ground.direct],
          'auto-floating-ip': false,
          'host-key-checking': false,
          'availability-zones': [GOOD_ZONE],
          ...pool,
        },
      ],
      ...provider,
    };
  }
}

function labelEntries(labels: Readonly<Record<string, Fields>>): Fields[] {
  return Object.entries(labels).map(([name, fields]) => ({
    name,
    ...('diskimage' in fields ? {} : { 'cloud-image': IMAGE }),
    'flavor-name': 'small',
    ...fields,
  }));
}

/** Runs a test's steps on a scene of its own; if they fail, the error tells what the launcher logged. */
export async function play(
  services: OpenStackServices,
  steps: (scene: Scene) => Promise<void>,
  options: GroundOptions = {},
): Promise<void> {
  const scene = await Scene.open(services, options);
  try {
    await steps(scene);
  } catch (error) {
    throw await scene.explain(error);
  } finally {
    await scene.close();
  }
}

/** The shared services, or the end of the suite, with a word on why. For `before`. */
export async function servicesOrSkip(context: Mocha.Context): Promise<OpenStackServices> {
  const services = launcherProgram() === undefined ? undefined : await findServices();
  if (services !== undefined) return services;
  console.log('      skipped: no shared tools, the launcher is not built, or we are not root');
  return context.skip();
}
