/**
 * The real Kubernetes that the tests of this folder share: started at the first call, ended after the last
 * test. `kube-up.sh` of the shared tools makes it; README.md says what it needs.
 *
 * With NODEPOOL_KUBE_WORK set to the folder of one that runs already, that one is used and left running.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcherProgram } from '../../../fixtures/launcher/start.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { findPeers, type Peers } from '../../support/peers.ts';
import { KubeApi } from './api.ts';

/** By the names of the tool's pid files. */
export type Process = 'apiserver' | 'controllers' | 'scheduler' | 'kubelet' | 'openshift';

/** A look at one of the processes costs little. */
const POLL_MS = 100;
const PATIENCE_MS = 60_000;
/** Of ports that follow each other; below the system's own choice of ports. */
const LOWEST_PORT = 16_600;
const PORTS = 10;

export class KubeServices {
  readonly peers: Peers;
  /** `https://host:port`. */
  readonly url: string;
  readonly openshiftUrl: string;
  /** PEM. */
  readonly ca: string;
  readonly admin: KubeApi;
  /** Of an admin, with all contexts. */
  readonly kubeconfig: string;
  readonly #folder: string;
  readonly #isOwn: boolean;
  readonly #tool: string;
  /** Command lines of processes that were ended. */
  readonly #ended = new Map<Process, readonly string[]>();

  private constructor(parts: {
    peers: Peers;
    tool: string;
    folder: string;
    isOwn: boolean;
    settings: ReadonlyMap<string, string>;
    ca: string;
  }) {
    const of = (name: string): string => parts.settings.get(name) ?? '';
    this.peers = parts.peers;
    this.url = of('KUBE_URL');
    this.openshiftUrl = of('OPENSHIFT_URL');
    this.kubeconfig = of('KUBECONFIG');
    this.ca = parts.ca;
    this.admin = new KubeApi(this.url, parts.ca, of('KUBE_TOKEN'));
    this.#folder = parts.folder;
    this.#isOwn = parts.isOwn;
    this.#tool = parts.tool;
  }

  static async start(peers: Peers): Promise<KubeServices> {
    const running = process.env.NODEPOOL_KUBE_WORK;
    const folder = running ?? (await mkdtemp(join(tmpdir(), 'nodepool-kube-')));
    const tool = join(peers.tools, 'kube-up.sh');
    const env = {
      ...process.env,
      KUBE_PORT: running === undefined ? await portBase() : await portOf(running),
    };
    // One that runs is left alone, and only tells of itself.
    const output = await run(tool, ['up', folder], { env });
    const settings = new Map(
      [...output.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const ca = await readFile(settings.get('KUBE_CA') ?? '', 'utf8');
    return new KubeServices({ peers, tool, folder, isOwn: running === undefined, settings, ca });
  }

  /** Ends what we started. */
  async stop(): Promise<void> {
    await this.admin.close();
    if (!this.#isOwn) return;
    await run(this.#tool, ['down', this.#folder]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends one of the processes without a word. */
  async kill(name: Process): Promise<void> {
    const pid = await this.#pid(name);
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    this.#ended.set(name, line.split('\0').slice(0, -1));
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid), PATIENCE_MS, POLL_MS);
  }

  /** Starts what was killed as it was; `change` may give it other arguments. */
  async revive(
    name: Process,
    change: (args: readonly string[]) => readonly string[] = (args) => args,
  ): Promise<void> {
    const line = this.#ended.get(name);
    if (line === undefined) return;
    const [program = '', ...args] = line;
    const log = await open(join(this.#folder, 'log', `${name}.log`), 'a');
    const child = spawn(program, change(args), {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, GOMAXPROCS: '2' },
    });
    child.unref();
    await log.close();
    await writeFile(this.#pidFile(name), `${child.pid ?? ''}\n`);
    this.#ended.delete(name);
    await this.untilReady();
  }

  /** Starts all that was killed. */
  async reviveAll(): Promise<void> {
    for (const name of [...this.#ended.keys()]) await this.revive(name);
  }

  /** Lets one of the processes stand still, or go on. */
  async freeze(name: Process, isFrozen: boolean): Promise<void> {
    process.kill(await this.#pid(name), isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  untilReady(): Promise<void> {
    return eventually(
      async () => (await this.admin.ask('GET', '/readyz')).status === 200,
      PATIENCE_MS,
      POLL_MS,
    );
  }

  async #pid(name: Process): Promise<number> {
    return Number(await readFile(this.#pidFile(name), 'utf8'));
  }

  #pidFile(name: Process): string {
    return join(this.#folder, 'run', `${name}.pid`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The first of five ports in a row, somewhere else at each start. */
async function portBase(): Promise<string> {
  const [free = 0] = await freePorts(1);
  return String(LOWEST_PORT + (free % 1000) * PORTS);
}

/** The apiserver has the first port. */
async function portOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'kubeconfig'), 'utf8');
  return /server: "https:\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1] ?? '';
}

let shared: Promise<KubeServices> | undefined;

/** The shared services, or the end of the suite, with a word on why. For `before`. */
export async function kubeOrSkip(context: Mocha.Context): Promise<KubeServices> {
  const services = launcherProgram() === undefined ? undefined : await findKube();
  if (services !== undefined) return services;
  console.log('      skipped: no shared tools, or the launcher is not built');
  return context.skip();
}

/** Undefined where there can be none. */
export async function findKube(): Promise<KubeServices | undefined> {
  const peers = await findPeers();
  if (peers === undefined) return undefined;
  shared ??= KubeServices.start(peers);
  return shared;
}

/** Ends them, if they were started by us. */
export async function stopKube(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}
