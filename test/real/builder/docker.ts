/**
 * The Docker daemon that the tests of this folder share: started at the first call, ended after the last
 * test. `docker-up.sh` and `dib-image-up.sh` of the shared tools make it; README.md says what they need.
 *
 * With NODEPOOL_DOCKER_WORK set to the folder of one that runs already, that one is used and left running.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { projectRoot } from '../../support/peers.ts';

/** The image with diskimage-builder. */
export const IMAGE = 'dib';
const LIVE_RESTORE = '--live-restore';
const START_MS = 60_000;
/** A look at the daemon costs little. */
const POLL_MS = 100;

function toolPath(name: string): string {
  return join(resolve(projectRoot, process.env.NODEPOOL_TOOLS ?? '../shared/tools'), name);
}

export class Docker {
  readonly folder: string;
  readonly #isOwn: boolean;

  private constructor(folder: string, isOwn: boolean) {
    this.folder = folder;
    this.#isOwn = isOwn;
  }

  /** The shared one, with the image. */
  static async start(): Promise<Docker> {
    const running = process.env.NODEPOOL_DOCKER_WORK;
    const docker = running === undefined ? await Docker.private() : new Docker(running, false);
    await run(toolPath('dib-image-up.sh'), [IMAGE], { env: docker.environment });
    return docker;
  }

  /** One of its own, which may be killed. */
  static async private(): Promise<Docker> {
    const folder = await mkdtemp(join(tmpdir(), 'docker-'));
    await run(toolPath('docker-up.sh'), ['up', folder]);
    return new Docker(folder, true);
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, DOCKER_HOST: `unix://${this.socket}` };
  }

  /** Docker's own client. */
  async command(...args: string[]): Promise<string> {
    return (await run('docker', args, { env: this.environment })).trim();
  }

  /** As `docker inspect` shows it. */
  async inspect(id: string): Promise<Inspected> {
    const [found] = JSON.parse(await this.command('inspect', id)) as [Inspected];
    return found;
  }

  /** Ids of containers with a label, also of those that have ended. */
  async withLabel(label: string): Promise<readonly string[]> {
    const text = await this.command(
      'ps',
      '--all',
      '--quiet',
      '--no-trunc',
      '--filter',
      `label=${label}`,
    );
    return text.split('\n').filter((line) => line !== '');
  }

  async copyImageTo(other: Docker): Promise<void> {
    const script = 'docker -H "$1" save "$3" | docker -H "$2" load';
    const hosts = [this, other].map(({ socket }) => `unix://${socket}`);
    await run('bash', ['-c', `set -o pipefail; ${script}`, 'copy', ...hosts, IMAGE]);
  }

  /** Kills the daemon, so that it can prepare for nothing. */
  async kill(): Promise<void> {
    const pid = await this.#pid();
    process.kill(pid, 'SIGKILL');
    await eventually(() => !existsSync(`/proc/${pid}`), START_MS, POLL_MS);
  }

  /** Kills the daemon and starts it anew, with or without live-restore. */
  async restart(isLiveRestore: boolean, meanwhile = async (): Promise<void> => {}): Promise<void> {
    const pid = await this.#pid();
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    const [program = '', ...args] = line.filter((word) => word !== LIVE_RESTORE);
    await this.kill();
    await meanwhile();
    // Their numbers may be others' by now.
    for (const file of ['dockerd.pid', 'exec/containerd/containerd.pid'])
      await rm(join(this.folder, file), { force: true });
    const options = { detached: true, stdio: 'ignore' } as const;
    spawn(program, isLiveRestore ? [...args, LIVE_RESTORE] : args, options).unref();
    await eventually(() => this.command('version'), START_MS, POLL_MS);
  }

  async #pid(): Promise<number> {
    return Number(await readFile(join(this.folder, 'dockerd.pid'), 'utf8'));
  }

  /** Ends what we started. */
  async stop(): Promise<void> {
    if (!this.#isOwn) return;
    await run(toolPath('docker-up.sh'), ['down', this.folder]);
    // A daemon that was killed leaves mounts; the innermost come last.
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n');
    const places = mounts.flatMap((line) => line.split(' ')[1] ?? []);
    for (const place of places.filter((one) => one.startsWith(`${this.folder}/`)).toReversed())
      await run('umount', [place]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the tests look at. */
export interface Inspected {
  readonly Config: {
    readonly Cmd: readonly string[];
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly NanoCpus: number;
    readonly Memory: number;
    readonly Privileged: boolean;
  };
  readonly Name: string;
}

let shared: Promise<Docker> | undefined;

/** The shared daemon, or the end of what the hook is for, with a word on why. */
export async function dockerOrSkip(context: Mocha.Context): Promise<Docker> {
  if (existsSync(toolPath('docker-up.sh')) && process.getuid?.() === 0) {
    shared ??= Docker.start();
    return shared;
  }
  console.log('      skipped: no shared tools for a Docker daemon, or not root');
  return context.skip();
}

/** Ends it, if it was started by us. */
export async function stopDocker(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}
