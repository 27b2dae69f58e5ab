/**
 * Our images, built in the Docker of the tests: on Debian's packages and the Node of this machine, since
 * public images may be out of reach. A run has names of its own, and removes what has them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { projectRoot } from '../../support/peers.ts';
import type { Docker } from '../builder/docker.ts';

/** What apt reads. */
const APT_PARTS = [
  ...['sources.list', 'sources.list.d', 'apt.conf.d', 'auth.conf.d'],
  ...['preferences.d', 'trusted.gpg.d', 'keyrings'],
];
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

export type Target = 'launcher' | 'builder' | 'command';
/** Also what is there for others only: with a name it can be removed. */
const STAGES = ['build', 'dib', 'launcher', 'builder', 'command'] as const;

export class Images {
  readonly docker: Docker;
  /** Begins the names of all that a run makes. */
  readonly prefix = `npt-${randomBytes(4).toString('hex')}`;

  constructor(docker: Docker) {
    this.docker = docker;
  }

  name(what: (typeof STAGES)[number] | 'node' | 'debian' | 'zookeeper'): string {
    return `${this.prefix}-${what}`;
  }

  async build(): Promise<void> {
    await this.#buildBases();
    const args = [
      ...['--build-arg', `NODE_IMAGE=${this.name('node')}`],
      ...['--build-arg', `DEBIAN_IMAGE=${this.name('debian')}`],
    ];
    const context = await mkdtemp(join(tmpdir(), 'npt-project-'));
    try {
      // One state of the project for all, also while somebody works on it.
      await cp(projectRoot, context, { recursive: true, filter: isSource });
      for (const target of STAGES)
        await this.#build(context, this.name(target), ['--target', target, ...args]);
    } finally {
      await rm(context, { recursive: true, force: true });
    }
    const zookeeper = join(import.meta.dirname, 'images/zookeeper');
    const base = ['--build-arg', `BASE=${this.name('debian')}`];
    await this.#build(zookeeper, this.name('zookeeper'), base);
  }

  /** Bytes of an image, and of these what is not of its base. */
  async sizesOf(target: Target): Promise<{ readonly all: number; readonly own: number }> {
    const sizes = await Promise.all(
      [this.name(target), this.name('debian')].map(async (image) =>
        Number(await this.docker.command('image', 'inspect', '-f', '{{.Size}}', image)),
      ),
    );
    const [all = 0, base = 0] = sizes;
    return { all, own: all - base };
  }

  async remove(): Promise<void> {
    const format = '{{.Repository}}:{{.Tag}}';
    const names = await this.docker.command('images', '--format', format, `${this.prefix}-*`);
    if (names !== '') await this.docker.command('rmi', '--force', ...names.split('\n'));
  }

  async #buildBases(): Promise<void> {
    const context = await mkdtemp(join(tmpdir(), 'npt-base-'));
    try {
      await cp(join(import.meta.dirname, 'images/base'), context, { recursive: true });
      await mkdir(join(context, 'apt'));
      const options = { recursive: true, dereference: true };
      for (const part of APT_PARTS.filter((one) => existsSync(join('/etc/apt', one))))
        await cp(join('/etc/apt', part), join(context, 'apt', part), options);
      await cp(AUTHORITIES, join(context, 'authorities.crt'), options);
      await cp(process.execPath, join(context, 'node'), options);
      await cp(await npmFolder(), join(context, 'npm'), options);
      const base = ['--build-arg', `BASE=debian-base:${await codename()}`];
      for (const target of ['debian', 'node'] as const)
        await this.#build(context, this.name(target), ['--target', target, ...base]);
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  }

  async #build(context: string, name: string, args: readonly string[]): Promise<void> {
    // The network of this machine, and the builder that needs no plug-in.
    const env = { ...this.docker.environment, DOCKER_BUILDKIT: '0' };
    const options = ['--network=host', '--force-rm', '--tag', name];
    await run('docker', ['build', ...options, ...args, context], { env });
  }
}

function isSource(path: string): boolean {
  return !['.git', 'coverage', 'dist', 'node_modules'].includes(basename(path));
}

/** Of the release that the shared tools have made an image of. */
async function codename(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(.*)$/m.exec(text)?.[1] ?? '';
}

async function npmFolder(): Promise<string> {
  const program = (await run('sh', ['-c', 'command -v npm'])).trim();
  // npm/bin/npm-cli.js
  return dirname(dirname(await realpath(program)));
}
