/**
 * The builder as it is shipped, on real things: ZooKeeper, Docker with diskimage-builder, keystone and
 * glance. Both of its providers reach the cloud through a proxy of their own, ZooKeeper is behind one,
 * too, and all of them let things go wrong.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startDaemon, type RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { startCuttingProxy, type CuttingProxy } from '../../../fixtures/proxy/cutting-proxy.ts';
import { startHttpProxy, type HttpProxy } from '../../../fixtures/proxy/http-proxy.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import type { BuildRecord, UploadRecord } from '../../../schemas/records/image.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageStore } from '../../../shared/store/images.ts';
import { parseBuildPath, parseUploadPath } from '../../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { projectRoot } from '../../support/peers.ts';
import { findServices, stopServices, type OpenStackServices } from '../openstack/services.ts';
import { targetsOf } from '../openstack/ground.ts';
import { Tenant, type Resource } from '../openstack/tenant.ts';
import { dockerOrSkip, IMAGE as CONTAINER_IMAGE, stopDocker, type Docker } from './docker.ts';

/** The only image. */
export const IMAGE = 'tiny';
export const PROVIDERS = ['one', 'two'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

const PROGRAM = resolve(projectRoot, 'dist/builder/main.js');
const SESSION_SECONDS = 4;
const CONNECT_MS = 20_000;
/** For what takes builds and uploads on a busy machine. */
export const PATIENCE_MS = 240_000;
const POLL_MS = 100;
const HOOK = `#!/bin/bash
touch "$(dirname "$0")/hooks/$2"
sleep "$(cat "$(dirname "$0")/hook-seconds")"
rm "$(dirname "$0")/hooks/$2"
`;

type Fields = Readonly<Record<string, unknown>>;

export interface GroundOptions {
  /** Stand over those of the image. */
  readonly image?: Fields;
  readonly environment?: Readonly<Record<string, string>>;
  /** Stand over those of each provider. */
  readonly provider?: Fields;
  /** Stand over those at the top of the file. */
  readonly more?: Fields;
}

export interface Build extends BuildRecord {
  readonly id: string;
}

export interface Upload extends UploadRecord {
  readonly build: string;
  readonly id: string;
  readonly provider: string;
}

interface Parts {
  readonly docker: Docker;
  readonly tenant: Tenant;
  readonly proxies: Readonly<Record<ProviderName, HttpProxy>>;
  readonly zookeeper: RunningZooKeeper;
  readonly line: CuttingProxy;
  readonly client: ZooKeeperClient;
  readonly folder: string;
}

export class Ground {
  readonly docker: Docker;
  readonly tenant: Tenant;
  readonly proxies: Readonly<Record<ProviderName, HttpProxy>>;
  /** Of the builder to ZooKeeper. */
  readonly line: CuttingProxy;
  /** Not through that line. */
  readonly client: ZooKeeperClient;
  readonly store: ImageStore;
  readonly folder: string;
  readonly #zookeeper: RunningZooKeeper;
  #builder: RunningDaemon | undefined;

  private constructor(parts: Parts) {
    this.docker = parts.docker;
    this.tenant = parts.tenant;
    this.proxies = parts.proxies;
    this.line = parts.line;
    this.client = parts.client;
    this.folder = parts.folder;
    this.#zookeeper = parts.zookeeper;
    this.store = new ImageStore(parts.client, silentLogger);
  }

  static async make({ docker, services }: RealThings): Promise<Ground> {
    const folder = await mkdtemp(join(tmpdir(), 'builder-ground-'));
    removeWithUs(folder);
    const zookeeper = await startZooKeeper({ tickMs: 200 });
    const line = await startCuttingProxy(zookeeper.plainHosts);
    const client = new ZooKeeperClient({
      ...{ connectString: zookeeper.plainHosts, sessionTimeoutMs: 10_000 },
    });
    await client.start(AbortSignal.timeout(CONNECT_MS));
    await client.ensurePath('/nodepool/images');
    const tenant = await Tenant.make(services);
    const proxy = (): Promise<HttpProxy> =>
      startHttpProxy({ targets: targetsOf(services), rewrites: ['identity'] });
    const proxies = { one: await proxy(), two: await proxy() };
    const ground = new Ground({ docker, tenant, proxies, zookeeper, line, client, folder });
    await ground.store.tree.start(AbortSignal.timeout(CONNECT_MS));
    const { imagesDir, logsDir, hooksDir, elementsDir } = ground;
    for (const path of [imagesDir, logsDir, hooksDir, elementsDir]) await mkdir(path);
    await writeFile(join(folder, 'hook'), HOOK);
    await chmod(join(folder, 'hook'), 0o755);
    await ground.setHookSeconds(0);
    await ground.#writeClouds();
    return ground;
  }

  get imagesDir(): string {
    return join(this.folder, 'images');
  }

  get elementsDir(): string {
    return join(this.folder, 'elements');
  }

  get logsDir(): string {
    return join(this.folder, 'logs');
  }

  /** A file for each hook that runs, by the id of the image. */
  get hooksDir(): string {
    return join(this.folder, 'hooks');
  }

  get logPath(): string {
    return join(this.folder, 'builder.log');
  }

  setHookSeconds(seconds: number): Promise<void> {
    return writeFile(join(this.folder, 'hook-seconds'), `${seconds}\n`);
  }

  async configure(options: GroundOptions = {}): Promise<void> {
    const path = join(this.folder, 'nodepool.yaml');
    await writeFile(path, JSON.stringify(this.#config(options)));
  }

  /** Starts the builder; it lives until it is ended, or the test is. */
  async start(): Promise<RunningDaemon> {
    this.#builder = await startDaemon({
      program: process.execPath,
      args: [
        ...[PROGRAM, '-f', '-c', join(this.folder, 'nodepool.yaml')],
        ...['-p', join(this.folder, 'builder.pid')],
      ],
      workDir: this.folder,
      logPath: this.logPath,
      environment: { OS_CLIENT_CONFIG_FILE: join(this.folder, 'clouds.yaml') },
    });
    return this.#builder;
  }

  builds(): Build[] {
    return [...this.store.builds.values()].flatMap(({ path, record }) => {
      const key = parseBuildPath(path);
      return key === undefined ? [] : [{ ...record, id: key.build }];
    });
  }

  uploads(provider?: string): Upload[] {
    return [...this.store.uploads.values()].flatMap(({ path, record }) => {
      const key = parseUploadPath(path);
      if (key === undefined || (provider !== undefined && key.provider !== provider)) return [];
      return [{ ...record, build: key.build, id: key.upload, provider: key.provider }];
    });
  }

  /** What glance has of the tenant, in its own words. */
  async cloudImages(): Promise<readonly Resource[]> {
    const { rest } = this.tenant;
    const path = `/images?owner=${rest.projectId}`;
    return ((await rest.get('image', path)) as { images: Resource[] }).images;
  }

  /** The builder's log; lines from so many characters on. */
  async log(from = 0): Promise<string> {
    return (await readFile(this.logPath, 'utf8')).slice(from);
  }

  async buildLog(build: string): Promise<string> {
    try {
      return await readFile(join(this.logsDir, `${IMAGE}-${build}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  until(condition: () => unknown, pollMs = POLL_MS): Promise<void> {
    return eventually(condition, PATIENCE_MS, pollMs);
  }

  /** Until so many builds are ready, each of the newest with its uploads, and nothing is under way. */
  async untilSettled(providers: readonly string[] = PROVIDERS): Promise<void> {
    await this.until(() => {
      for (const { id, state } of this.builds()) assert.equal(state, 'ready', `build ${id}`);
      for (const { build, provider, state } of this.uploads())
        assert.equal(state, 'ready', `upload of ${build} to ${provider}`);
      const [newest] = this.builds().toSorted((a, b) => b.state_time - a.state_time);
      assert.ok(newest);
      for (const provider of providers)
        assert.ok(
          this.uploads(provider).some(({ build }) => build === newest.id),
          `${newest.id} at ${provider}`,
        );
    });
  }

  /** An element `slow` that sleeps SLOW_SLEEP seconds while the image has a loop device. */
  async makeSlowElement(): Promise<void> {
    const phase = join(this.elementsDir, 'slow/finalise.d');
    await mkdir(phase, { recursive: true });
    const script = join(phase, '50-slow');
    await writeFile(script, '#!/bin/bash\nsleep "${SLOW_SLEEP:-0}"\n');
    await chmod(script, 0o755);
  }

  /** Kills the builder, and removes what it left in Docker. */
  async end(): Promise<void> {
    this.#builder?.kill('SIGKILL');
    await this.#builder?.ended;
    const id = await readFile(join(this.imagesDir, 'builder_id.txt'), 'utf8').catch(() => 'none');
    for (const container of await this.docker.withLabel(`nodepool.builder=${id}`))
      await this.docker.command('rm', '--force', container);
  }

  async drop(): Promise<void> {
    await this.end();
    await this.store.tree.stop();
    await this.client.close();
    await this.line.close();
    await this.#zookeeper.stop();
    await this.tenant.drop();
    for (const proxy of Object.values(this.proxies)) await proxy.close();
    await removeNow(this.folder);
  }

  async #writeClouds(): Promise<void> {
    const { name, password } = this.tenant;
    const clouds = Object.entries(this.proxies).map(([provider, { origins }]) => {
      const auth = {
        ...{ auth_url: `${origins.identity ?? ''}/v3`, username: name, password },
        ...{ project_name: name, user_domain_name: 'Default', project_domain_name: 'Default' },
      };
      return [provider, { region_name: 'RegionOne', image_format: 'raw', auth }];
    });
    const text = JSON.stringify({ clouds: Object.fromEntries(clouds) as Fields });
    await writeFile(join(this.folder, 'clouds.yaml'), text);
  }

  #config({ image, environment, provider, more }: GroundOptions): Fields {
    const container = {
      ...{ image: CONTAINER_IMAGE, pull: 'never', network: 'host' },
      host: `unix://${this.docker.socket}`,
    };
    return {
      'images-dir': this.imagesDir,
      'build-log-dir': this.logsDir,
      'elements-dir': this.elementsDir,
      'zookeeper-servers': [{ host: this.line.host, port: this.line.port }],
      'zookeeper-timeout': SESSION_SECONDS,
      extensions: {
        builder: { container, web: { port: 0 } },
        intervals: { cleanup: 1, 'build-check': 1, 'upload-check': 1, 'cloud-poll': 0.5 },
      },
      diskimages: [
        {
          ...{ name: IMAGE, elements: ['tiny'], 'dib-cmd': 'disk-image-create -n' },
          'env-vars': {
            DIB_JOURNAL_SIZE: '4',
            ELEMENTS_PATH: `${this.elementsDir}:/usr/local/share/dib-elements`,
            ...environment,
          },
          ...image,
        },
      ],
      providers: PROVIDERS.map((name) => ({
        ...{ name, driver: 'openstack', cloud: name, rate: 0.001, pools: [] },
        ...{ 'post-upload-hook': join(this.folder, 'hook'), diskimages: [{ name: IMAGE }] },
        ...provider,
      })),
      ...more,
    };
  }
}

export interface RealThings {
  readonly docker: Docker;
  readonly services: OpenStackServices;
}

/** All that a ground is made of, or the end of what the hook is for, with a word on why. */
export async function realThingsOrSkip(context: Mocha.Context): Promise<RealThings> {
  const services = existsSync(PROGRAM) ? await findServices() : undefined;
  if (services !== undefined) return { docker: await dockerOrSkip(context), services };
  console.log('      skipped: no shared tools, the builder is not built, or we are not root');
  return context.skip();
}

export async function stopRealThings(): Promise<void> {
  await stopDocker();
  await stopServices();
}
