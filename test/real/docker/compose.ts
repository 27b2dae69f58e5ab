/** The example for Docker Compose, as a project of its own on the Docker of the tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, run } from '../../../fixtures/processes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { projectRoot } from '../../support/peers.ts';
import type { Docker } from '../builder/docker.ts';
import type { Images } from './images.ts';

/** A health check is due every 30 s. */
const HEALTHY_MS = 120_000;
const POLL_MS = 500;

export type Service = 'zookeeper' | 'launcher' | 'builder';

export class Compose {
  readonly docker: Docker;
  /** NODEPOOL_HOME. */
  readonly home: string;
  readonly #images: Images;
  readonly #program: readonly string[];

  private constructor(images: Images, home: string, program: readonly string[]) {
    this.docker = images.docker;
    this.#images = images;
    this.home = home;
    this.#program = program;
  }

  static async prepare(images: Images): Promise<Compose> {
    const home = await mkdtemp(join(tmpdir(), 'npt-home-'));
    return new Compose(images, home, await composeProgram());
  }

  /** What `docker compose` prints. */
  async compose(...args: string[]): Promise<string> {
    const [program = '', ...first] = this.#program;
    const options = { cwd: join(projectRoot, 'contrib/compose'), env: this.#environment() };
    return run(program, [...first, ...args], options);
  }

  /** `nodepool`, in the service `command`. */
  async nodepool(...args: string[]): Promise<string> {
    return this.compose('run', '--rm', 'command', ...args);
  }

  async container(service: Service): Promise<string> {
    return (await this.compose('ps', '--quiet', service)).trim();
  }

  /** A part of what `docker inspect` tells of a service's container. */
  async look(service: Service, format: string): Promise<string> {
    return this.docker.command('inspect', '-f', format, await this.container(service));
  }

  async address(service: Service): Promise<string> {
    return this.look(service, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
  }

  async untilHealthy(service: Service): Promise<void> {
    const container = await this.container(service);
    const health = (): Promise<string> =>
      this.docker.command('inspect', '-f', '{{.State.Health.Status}}', container);
    await eventually(async () => (await health()) === 'healthy', HEALTHY_MS, POLL_MS);
  }

  /** User numbers of all processes. */
  async users(service: Service): Promise<readonly string[]> {
    const text = await this.docker.command('top', await this.container(service), '-eo', 'uid,pid');
    const [, ...rows] = text.split('\n');
    return [...new Set(rows.map((row) => row.trim().split(/\s+/)[0] ?? ''))];
  }

  async drop(): Promise<void> {
    await this.compose('down', '--volumes', '--remove-orphans');
    await rm(this.home, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...this.docker.environment,
      COMPOSE_PROJECT_NAME: this.#images.prefix,
      DOCKER_SOCKET: this.docker.socket,
      NODEPOOL_HOME: this.home,
      NODEPOOL_LAUNCHER_IMAGE: this.#images.name('launcher'),
      NODEPOOL_BUILDER_IMAGE: this.#images.name('builder'),
      NODEPOOL_COMMAND_IMAGE: this.#images.name('command'),
      ZOOKEEPER_IMAGE: this.#images.name('zookeeper'),
      // Any that are free.
      LAUNCHER_PORT: '0',
      BUILDER_PORT: '0',
    };
  }
}

/** Docker's plug-in, or the program of Debian 12, which is installed where there is neither. */
async function composeProgram(): Promise<readonly string[]> {
  const hasPlugin = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (hasPlugin) return ['docker', 'compose'];
  if (!(await isInstalled('docker-compose'))) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = ['-o', 'DPkg::Lock::Timeout=600', '-yq'];
    await run('apt-get', [...options, 'update'], { env });
    const install = ['--no-install-recommends', 'install', 'docker-compose'];
    await run('apt-get', [...options, ...install], { env });
  }
  return ['docker-compose'];
}
