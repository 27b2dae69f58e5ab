/**
 * The builder: builds disk images, uploads them, and takes away what is not needed any more. Puts the
 * parts together, starts and stops them in order.
 *
 * Start: register, read everything once, end what an earlier builder left running, then follow events.
 * Stop: builds and uploads are broken off and say so in their records; the next start does them anew.
 */
import type { Config, ProviderConfig } from '../schemas/config/model.ts';
import type { Clock } from '../shared/base/clock.ts';
import { NodepoolError } from '../shared/base/errors.ts';
import type { Logger } from '../shared/base/log.ts';
import { Supervisor } from '../shared/base/supervisor.ts';
import { sleep, throwIfAborted } from '../shared/base/wait.ts';
import type { Driver, DriverEnv } from '../shared/drivers/driver.ts';
import { ComponentStore, type Registration } from '../shared/store/components.ts';
import { ImageStore } from '../shared/store/images.ts';
import { ImageWork } from '../shared/store/image-work.ts';
import type { ZooKeeper } from '../shared/zookeeper/types.ts';
import { ImageBuilder } from './build/build-image.ts';
import type { BuildLogs } from './build/build-logs.ts';
import type { DibRunner } from './build/runner.ts';
import { ImageCleaner } from './cleanup/image-cleaner.ts';
import type { BuilderContext } from './context.ts';
import type { ImageFolder } from './files/image-folder.ts';
import { ImageProviders } from './image-providers.ts';
import { BuildKeeper } from './keepers/build-keeper.ts';
import { UploadKeeper } from './keepers/upload-keeper.ts';
import { ImageUploader, type RunningUpload } from './upload/upload-image.ts';

export interface BuilderOptions {
  readonly client: ZooKeeper;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly hostname: string;
  /** Fully qualified, as records name the builder. */
  readonly host: string;
  readonly builderId: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly loadDriver: (name: string) => Promise<Driver>;
  readonly runner: DibRunner;
  readonly folder: ImageFolder;
  readonly logs: BuildLogs;
  /** Stands for `%p` in `dib-cmd`. */
  readonly packageDir: string;
  /** Builds at once. */
  readonly buildWorkers: number;
  /** Uploads at once; undefined: as the configuration says. */
  readonly uploadWorkers: number | undefined;
}

/** What is going on, for the dump on a signal. */
export interface BuilderDump {
  readonly building: readonly string[];
  readonly uploading: readonly RunningUpload[];
}

/** Between two tries to make the runner end what an earlier builder left. */
const CLEAN_UP_RETRY_MS = 10_000;

export class Builder {
  readonly #options: BuilderOptions;
  readonly #context: BuilderContext;
  readonly #components: ComponentStore;
  readonly #providers: ImageProviders;
  readonly #uploader: ImageUploader;
  readonly #builds: BuildKeeper;
  readonly #uploads: UploadKeeper;
  readonly #cleaner: ImageCleaner;
  readonly #stopping = new AbortController();
  readonly #supervisor: Supervisor;
  #config: Config;
  #hasBegun = false;
  #registration: Registration | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#config = options.config;
    const { client, clock, host, builderId, folder, logs, runner, packageDir } = options;
    const log = options.log.named('nodepool.builder.NodePoolBuilder');
    this.#supervisor = new Supervisor(log, () => this.#stopping.signal.aborted);
    const cacheLog = options.log.named('nodepool.zk.cache');
    const images = new ImageStore(client, cacheLog);
    this.#components = new ComponentStore(client, clock, cacheLog);
    const work = new ImageWork(client, images);
    const context = { images, work, clock, log, host, builderId };
    this.#context = context;
    const config = (): Config => this.#config;
    this.#providers = this.#makeProviders();
    const providers = this.#providers;
    const builder = new ImageBuilder(context, { client, folder, logs, runner, packageDir });
    this.#uploader = new ImageUploader(context, { client, folder });
    const changed = (): void => {
      this.#changed();
    };
    this.#builds = new BuildKeeper({
      ...{ context, config, providers, workers: options.buildWorkers, onBuilt: changed },
      build: (job, signal) => builder.run(job, signal),
    });
    this.#uploads = new UploadKeeper({
      ...{ context, config, providers, folder, onUploaded: changed },
      workers: () => options.uploadWorkers ?? this.#config.extensions.uploadWorkers,
      upload: (job, signal) => this.#uploader.run(job, signal),
    });
    this.#cleaner = new ImageCleaner({ context, config, providers, folder });
  }

  /** Resolves when images are being looked after; providers may still be starting. */
  async start(signal: AbortSignal): Promise<void> {
    const { images } = this.#context;
    await this.#components.ensureRoots(signal);
    await images.tree.start(signal);
    const { hostname, version } = this.#options;
    this.#registration = this.#components.register({
      ...{ hostname, kind: 'builder', state: 'running', version, model_api: 0 },
    });
    images.tree.onChange(() => {
      this.#changed();
    });
    images.tree.onCurrent((isCurrent) => {
      if (isCurrent) this.#changed();
    });
    this.#providers.apply(this.#config);
    this.#supervisor.run('end what an earlier builder left', this.#begin());
    this.#supervisor.run('clean', this.#cleanForEver());
  }

  /** Follows a new configuration. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#providers.apply(config);
    this.#changed();
  }

  /** Connects to all clouds anew. */
  reconnect(): void {
    this.#providers.reconnect();
  }

  describe(): BuilderDump {
    return { building: this.#builds.building, uploading: this.#uploader.running() };
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new NodepoolError('NP_ABORTED', 'the builder stops'));
    await Promise.all([this.#registration?.remove(), this.#builds.stop(), this.#uploads.stop()]);
    await this.#providers.close();
    await this.#supervisor.settled();
    await this.#context.images.tree.stop();
  }

  /** Nothing is built while something of before may still write the same files. */
  async #begin(): Promise<void> {
    const { signal } = this.#stopping;
    while (!(await this.#endEarlier(signal)))
      await sleep(this.#options.clock, CLEAN_UP_RETRY_MS, signal);
    this.#hasBegun = true;
    this.#changed();
  }

  async #endEarlier(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.runner.cleanUp(signal);
      return true;
    } catch (error) {
      throwIfAborted(signal);
      const text = 'what an earlier builder left cannot be ended; tried again';
      this.#context.log.error(text, { error });
      return false;
    }
  }

  #changed(): void {
    if (!this.#hasBegun || this.#stopping.signal.aborted) return;
    this.#builds.changed();
    this.#uploads.changed();
  }

  async #cleanForEver(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#cleaner.run(signal);
      const { cleanupSeconds } = this.#config.extensions.intervals;
      await sleep(this.#options.clock, cleanupSeconds * 1000, signal);
    }
  }

  #makeProviders(): ImageProviders {
    const { clock, random, log, loadDriver } = this.#options;
    return new ImageProviders({
      ...{ clock, random, loadDriver, log: log.named('nodepool.builder.NodePoolBuilder') },
      supervise: (what, work) => {
        this.#supervisor.run(what, work);
      },
      driverEnv: (provider) => this.#driverEnv(provider),
      onChange: () => {
        this.#changed();
      },
    });
  }

  #driverEnv(provider: ProviderConfig): DriverEnv {
    const { clock, random, log, environment } = this.#options;
    const { drivers, intervals } = this.#config.extensions;
    return {
      ...{ clock, random, environment, extension: drivers[provider.driver] },
      log: log.named(`nodepool.driver.${provider.driver}`),
      pollSeconds: intervals.cloudPollSeconds,
      imageCheckSeconds: intervals.imageCheckSeconds,
    };
  }
}
