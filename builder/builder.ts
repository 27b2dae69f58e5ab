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
import type { Sample } from '../shared/telemetry/metric.ts';
import type { Metrics } from '../shared/telemetry/metrics.ts';
import type { Tracing } from '../shared/telemetry/tracing/trace.ts';
import type { ZooKeeper } from '../shared/zookeeper/types.ts';
import { ImageBuilder } from './build/build-image.ts';
import type { BuildLogs } from './build/build-logs.ts';
import type { DibRunner } from './dib/runner.ts';
import { RunningBuilds, type RunningBuild } from './build/running-builds.ts';
import { ImageCleaner } from './cleanup/image-cleaner.ts';
import type { BuilderContext } from './context.ts';
import type { ImageFolder } from './files/image-folder.ts';
import { ImageProviders } from './image-providers.ts';
import { imageInputs } from './inputs/image-inputs.ts';
import type { InputsWatch } from './inputs/watch.ts';
import { BuildKeeper } from './keepers/build-keeper.ts';
import { UploadKeeper } from './keepers/upload-keeper.ts';
import { activities, type ActivityInput } from './telemetry/activity.ts';
import { builderGauges } from './telemetry/builder-gauges.ts';
import { imageGauges } from './telemetry/image-gauges.ts';
import { imageTraces } from './tracing/image-traces.ts';
import { ImageUploader, type RunningUpload } from './upload/upload-image.ts';

export interface BuilderOptions {
  readonly client: ZooKeeper;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Undefined: nobody wants traces. */
  readonly tracing?: Tracing | undefined;
  readonly hostname: string;
  /** Fully qualified, as records name the builder. */
  readonly host: string;
  readonly builderId: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly loadDriver: (config: ProviderConfig) => Promise<Driver>;
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
  readonly building: readonly RunningBuild[];
  readonly uploading: readonly RunningUpload[];
}

/** Between two tries to make the runner end what an earlier builder left, and what later builds did. */
const CLEAN_UP_RETRY_MS = 10_000;
const LEFT_CHECK_MS = 60_000;

export class Builder {
  readonly #options: BuilderOptions;
  readonly #context: BuilderContext;
  readonly #components: ComponentStore;
  readonly #providers: ImageProviders;
  readonly #uploader: ImageUploader;
  readonly #inputs: InputsWatch;
  readonly running: RunningBuilds;
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
    const { client, clock, metrics, host, builderId, folder, logs, runner, packageDir } = options;
    const log = options.log.named('nodepool.builder.NodePoolBuilder');
    this.#supervisor = new Supervisor(log, () => this.#stopping.signal.aborted);
    const cacheLog = options.log.named('nodepool.zk.cache');
    const images = new ImageStore(client, cacheLog);
    this.#components = new ComponentStore(client, clock, cacheLog);
    const work = new ImageWork(client, images);
    const context = { images, work, clock, log, metrics, host, builderId };
    this.#context = context;
    const config = (): Config => this.#config;
    this.#providers = this.#makeProviders();
    const providers = this.#providers;
    const running = new RunningBuilds(clock);
    this.running = running;
    const changed = (): void => {
      this.#changed();
    };
    const { recorder, watch } = imageInputs({
      ...{ context, config, folder, runner, packageDir, version: options.version },
      onChange: changed,
    });
    this.#inputs = watch;
    const tools = { client, folder, logs, runner, running, recorder, packageDir };
    const builder = new ImageBuilder(context, tools);
    this.#uploader = new ImageUploader(context, { client, folder });
    const traces = imageTraces(options.tracing, clock);
    this.#builds = new BuildKeeper({
      ...{ context, config, providers, workers: options.buildWorkers, onBuilt: changed },
      build: (job, signal) => traces.build(job, builder.run(job, signal)),
      outdated: (image) => watch.outdated(image),
    });
    this.#uploads = new UploadKeeper({
      ...{ context, config, providers, folder, onUploaded: changed },
      workers: () => options.uploadWorkers ?? this.#config.extensions.uploadWorkers,
      upload: (job, signal) => traces.upload(job, this.#uploader.run(job, signal)),
    });
    this.#cleaner = new ImageCleaner({
      ...{ context, config, providers, folder },
      isHeld: (key) => runner.holds(key),
    });
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
    this.#inputs.changed();
    this.#supervisor.run('end what builds left', this.#endLeftForEver());
    this.#supervisor.run('clean', this.#cleanForEver());
  }

  /** Whether everything has been read, and nothing of an earlier builder runs any more. */
  get isReady(): boolean {
    return this.#hasBegun && this.images.tree.isCurrent;
  }

  get images(): ImageStore {
    return this.#context.images;
  }

  /** Follows a new configuration. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#providers.apply(config);
    this.#inputs.changed();
    this.#changed();
  }

  /** Connects to all clouds anew. */
  reconnect(): void {
    this.#providers.reconnect();
  }

  /** The one in force. */
  get config(): Config {
    return this.#config;
  }

  /** All values of now, for metrics. */
  gauges(): Sample<'gauge'>[] {
    return builderGauges(this.#context.host, this.#activity());
  }

  describe(): BuilderDump {
    return { building: this.running.list(), uploading: this.#uploader.running() };
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new NodepoolError('NP_ABORTED', 'the builder stops'));
    await Promise.all([
      this.#registration?.remove(),
      ...[this.#inputs.stop(), this.#builds.stop(), this.#uploads.stop()],
    ]);
    await this.#providers.close();
    await this.#supervisor.settled();
    await this.#context.images.tree.stop();
  }

  /**
   * Nothing is built while something of before may still write the same files. Uploads are of builds
   * that are whole: they do not wait.
   */
  async #endLeftForEver(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, runner } = this.#options;
    for (;;) {
      if (runner.hasLeft && (await this.#endLeft(signal)) && !this.#hasBegun) {
        this.#hasBegun = true;
        this.#changed();
      }
      await sleep(clock, this.#hasBegun ? LEFT_CHECK_MS : CLEAN_UP_RETRY_MS, signal);
    }
  }

  async #endLeft(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.runner.cleanUp(signal);
      return true;
    } catch (error) {
      throwIfAborted(signal);
      const text = 'what earlier builds left cannot be ended; tried again';
      this.#context.log.error(text, { error });
      return false;
    }
  }

  #changed(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#hasBegun) this.#builds.changed();
    this.#uploads.changed();
  }

  async #cleanForEver(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#cleaner.run(signal);
      this.#recordImages();
      const { cleanupSeconds } = this.#config.extensions.intervals;
      await sleep(this.#options.clock, cleanupSeconds * 1000, signal);
    }
  }

  #activity(): ActivityInput {
    const [builds, uploads] = [this.running.list(), this.#uploader.running()];
    return { config: this.#config, images: this.images, builds, uploads };
  }

  #recordImages(): void {
    const { metrics, host } = this.#context;
    const all = activities(this.#activity());
    for (const one of imageGauges(host, all)) metrics.gauge(one.metric, one.labels, one.value);
  }

  #makeProviders(): ImageProviders {
    const { clock, random, log, loadDriver, metrics } = this.#options;
    return new ImageProviders({
      ...{ clock, random, loadDriver, metrics, log: log.named('nodepool.builder.NodePoolBuilder') },
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
