/**
 * Builders in the test's process, before a real ZooKeeper and an OpenStack in memory. Instead of
 * diskimage-builder a script writes small files, slowly or wrongly if it is told to.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildLogs } from '../../builder/build/build-logs.ts';
import { ProcessRunner } from '../../builder/dib/process-runner.ts';
import type { DibRunner } from '../../builder/dib/runner.ts';
import { Builder } from '../../builder/builder.ts';
import { builderIdIn } from '../../builder/files/builder-id.ts';
import { ImageFolder } from '../../builder/files/image-folder.ts';
import { startBuilderWeb } from '../../builder/web/server.ts';
import { builderSource } from '../../builder/web/source.ts';
import type { BuildRecord, UploadRecord } from '../../schemas/records/image.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { parseConfig } from '../../shared/config/parse.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import { driver } from '../../shared/drivers/openstack/driver.ts';
import { ImageStore } from '../../shared/store/images.ts';
import { noMetrics, type Metrics } from '../../shared/telemetry/metrics.ts';
import type { Tracing } from '../../shared/telemetry/tracing/trace.ts';
import { parseBuildPath, parseUploadPath } from '../../shared/store/paths.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { collectingLogger } from './launcher-in-process.ts';
import { OpenStackSite } from './openstack-site.ts';
import { connect, uniqueChroot, zookeeper } from './zookeeper.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What stands for diskimage-builder; `behave` is read as shell before anything is written. */
const SCRIPT = `#!/bin/bash
set -eu
out= types=
while [ $# -gt 0 ]; do
  case $1 in -o) out=$2; shift ;; -t) types=$2; shift ;; esac
  shift
done
echo "builds $DIB_IMAGE_NAME for \${DIB_RELEASE:-nothing}"
. "$(dirname "$0")/behave"
for type in \${types//,/ }; do
  echo "data of $DIB_IMAGE_NAME as $type" > "$out.$type"
  (cd "$(dirname "$out")"; md5sum "$(basename "$out.$type")" > "$out.$type.md5")
  (cd "$(dirname "$out")"; sha256sum "$(basename "$out.$type")" > "$out.$type.sha256")
done
mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"
`;

export interface BuilderSiteOptions {
  readonly diskimages?: readonly Fields[];
  readonly providers?: readonly Fields[];
  readonly more?: Fields;
  /** Of all providers. Default: OpenStack's, before the cloud in memory. */
  readonly driver?: Driver;
  /** Where builders started from now on send their metrics. Default: nowhere. */
  readonly metrics?: Metrics;
  /** Likewise their traces. */
  readonly tracing?: Tracing;
}

export interface BuilderPlace {
  /** As records name it; where the web server listens. Default: a name that leads nowhere. */
  readonly host?: string;
  /** Default: no web server. 0: any free port. */
  readonly webPort?: number;
  /** Folder of the logs below the site's. Default `logs`, which all share. */
  readonly logs?: string;
  /** Way to ZooKeeper, `host:port`. Default: straight. */
  readonly line?: string;
  readonly sessionTimeoutMs?: number;
  /** What stands before the runner. Default: nothing. */
  readonly runner?: (own: DibRunner) => DibRunner;
}

export interface RunningBuilder {
  readonly builder: Builder;
  readonly lines: readonly string[];
  readonly images: string;
  /** Of its web server; undefined: it has none. */
  readonly webPort: number | undefined;
  stop(): Promise<void>;
  /** Its web server ends, with all connections; the builder goes on. */
  closeWeb(): Promise<void>;
  /** Its session ends, and it does nothing more. */
  lose(): Promise<void>;
}

export class BuilderSite {
  readonly cloud: OpenStackSite;
  readonly store: ImageStore;
  readonly client: ZooKeeperClient;
  readonly folder: string;
  /** Where all of it stands on the shared ZooKeeper. */
  readonly chroot: string;
  /** With the chroot. */
  readonly hosts: string;
  readonly #running = new Set<RunningBuilder>();
  #options: BuilderSiteOptions = {};

  private constructor(
    cloud: OpenStackSite,
    client: ZooKeeperClient,
    folder: string,
    { chroot, hosts }: { readonly chroot: string; readonly hosts: string },
  ) {
    this.cloud = cloud;
    this.chroot = chroot;
    this.client = client;
    this.folder = folder;
    this.hosts = hosts;
    this.store = new ImageStore(client, collectingLogger([]));
  }

  static async open(): Promise<BuilderSite> {
    const chroot = uniqueChroot('builder');
    const client = await connect(chroot);
    const { plainHosts } = await zookeeper();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-builder-'));
    const place = { chroot, hosts: plainHosts + chroot };
    const site = new BuilderSite(await OpenStackSite.open(), client, folder, place);
    await writeFile(join(folder, 'dib.sh'), SCRIPT);
    await chmod(join(folder, 'dib.sh'), 0o755);
    await site.behave('');
    await site.store.tree.start(AbortSignal.timeout(20_000));
    return site;
  }

  /** What builds that begin from now on do before they write their files. */
  behave(shell: string): Promise<void> {
    return writeFile(join(this.folder, 'behave'), shell);
  }

  /**
   * Builds of the image that begin from now on say what is written to the answer, as it is written, and
   * go on when it is closed. To be called once the build is to begin: it waits for the first.
   */
  async dictate(image = 'debian'): Promise<() => Promise<FileHandle>> {
    const path = join(this.folder, `words-${image}`);
    await promisify(execFile)('mkfifo', [path]);
    await this.behave(
      'words="$(dirname "$0")/words-$DIB_IMAGE_NAME"; [ ! -p $words ] || cat $words',
    );
    return () => open(path, 'w');
  }

  configure(options: BuilderSiteOptions): void {
    this.#options = options;
  }

  /** Starts a builder with files of its own. */
  async start(name = 'one', place: BuilderPlace = {}): Promise<RunningBuilder> {
    const { host = `${name}.example`, webPort: port } = place;
    const logFolder = join(this.folder, place.logs ?? 'logs');
    const images = join(this.folder, name);
    await mkdir(images, { recursive: true });
    const lines: string[] = [];
    const log = collectingLogger(lines);
    const { line, sessionTimeoutMs = 4_000 } = place;
    const connectString = line === undefined ? this.hosts : line + this.chroot;
    const client = new ZooKeeperClient({ connectString, sessionTimeoutMs, log });
    await client.start(AbortSignal.timeout(20_000));
    const { environment } = this.cloud;
    const runner = new ProcessRunner({
      ...{ clock: systemClock, log, folder: images, environment: process.env, graceMs: 500 },
    });
    const builder = new Builder({
      ...{ client, config: this.#config(images), clock: systemClock, random: Math.random, log },
      metrics: this.#options.metrics ?? noMetrics,
      tracing: this.#options.tracing,
      ...{ hostname: place.host ?? name, host, builderId: await builderIdIn(images) },
      ...{
        version: '0.0.0-test',
        environment,
        loadDriver: () => Promise.resolve(this.#options.driver ?? driver),
      },
      runner: place.runner?.(runner) ?? runner,
      folder: new ImageFolder(images),
      logs: new BuildLogs({ folder: logFolder, retention: 7 }),
      ...{ packageDir: '/ours', buildWorkers: 2, uploadWorkers: undefined },
    });
    const web =
      port === undefined
        ? undefined
        : await startBuilderWeb({
            ...{ address: place.host ?? '127.0.0.1', port, clock: systemClock, log },
            source: builderSource(builder, { host, logFolder }),
          });
    const running: RunningBuilder = {
      ...{ builder, lines, images, webPort: web?.port },
      closeWeb: async () => web?.close(),
      stop: async () => {
        this.#running.delete(running);
        await builder.stop();
        await client.close();
        await web?.close();
      },
      lose: async () => {
        this.#running.delete(running);
        await client.close();
        await builder.stop();
        await web?.close();
      },
    };
    this.#running.add(running);
    await builder.start(AbortSignal.timeout(20_000));
    return running;
  }

  async close(): Promise<void> {
    for (const one of [...this.#running]) await one.stop();
    await this.store.tree.stop();
    await this.client.close();
    await this.cloud.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  builds(image = 'debian'): (BuildRecord & { readonly id: string })[] {
    return [...this.store.builds.values()].flatMap(({ path, record }) => {
      const key = parseBuildPath(path);
      return key?.image === image ? [{ ...record, id: key.build }] : [];
    });
  }

  uploads(provider: string, image = 'debian'): (UploadRecord & { readonly build: string })[] {
    return [...this.store.uploads.values()].flatMap(({ path, record }) => {
      const key = parseUploadPath(path);
      const isOurs = key?.image === image && key.provider === provider;
      return isOurs ? [{ ...record, build: key.build }] : [];
    });
  }

  /** Names and metadata of the images that were uploaded, not those that are there anyway. */
  cloudImages(): { readonly name: string; readonly build: unknown; readonly data: string }[] {
    return [...this.cloud.cloud.images.images.all()].flatMap(({ name, properties, data }) => {
      const build = properties.nodepool_build_id;
      return build === undefined ? [] : [{ name, build, data: data?.toString() ?? '' }];
    });
  }

  /** Of all builders and builds; not their ids. */
  async files(name = 'one'): Promise<string[]> {
    const names = await readdir(join(this.folder, name));
    return names.filter((one) => !['builder_id.txt', '.inputs.key'].includes(one)).toSorted();
  }

  async buildLog(build: string, image = 'debian'): Promise<string> {
    return readFile(join(this.folder, 'logs', `${image}-${build}.log`), 'utf8');
  }

  /** As `nodepool dib-image-build` and others do. */
  async touch(path: string): Promise<void> {
    await this.client.ensurePath(`/nodepool/images/${path}`);
  }

  #config(imagesDir: string) {
    const { diskimages = [{ name: 'debian' }], providers, more } = this.#options;
    const file = {
      'images-dir': imagesDir,
      'zookeeper-servers': [{ host: 'unused' }],
      diskimages: diskimages.map((one) => ({
        elements: ['vm'],
        'dib-cmd': `bash ${this.folder}/dib.sh`,
        ...one,
      })),
      providers: providers ?? [imageProvider('first'), imageProvider('second')],
      extensions: { intervals: { cleanup: 0.3, 'build-check': 0.5, 'upload-check': 0.5 } },
      ...more,
    };
    const path = join(this.folder, 'nodepool.yaml');
    const { config } = parseConfig({ path, environment: {}, texts: [JSON.stringify(file)] });
    assert.ok(config.imagesDir);
    return config;
  }
}

/** A provider that keeps images and makes no nodes. */
export function imageProvider(name: string, fields: Fields = {}): Fields {
  const entry = { name, driver: 'openstack', cloud: 'memory', rate: 0.0001, pools: [] };
  return { ...entry, diskimages: [{ name: 'debian' }], ...fields };
}
