/**
 * The providers that keep images, as the builder works with them: where images go, and in which
 * formats. One that cannot start is absent, and disturbs no other.
 */
import type { Config, DiskimageConfig, ProviderConfig } from '../schemas/config/model.ts';
import { CloudError } from '../shared/base/errors.ts';
import { basisOf } from '../shared/config/changes.ts';
import type { Driver, DriverEnv, ImageStore, Provider } from '../shared/drivers/driver.ts';
import { connectMeasured } from '../shared/drivers/measured.ts';
import { ProviderSet, type ProviderSetOptions } from '../shared/drivers/provider-set.ts';
import type { Metrics } from '../shared/telemetry/metrics.ts';
import type { UploadWish } from '../shared/rules/images/due-uploads.ts';

export interface ImageProvider {
  readonly config: ProviderConfig;
  readonly store: ImageStore;
  readonly connection: Provider;
}

export interface ImageProvidersOptions extends Pick<
  ProviderSetOptions<ImageProvider, undefined>,
  'clock' | 'random' | 'log' | 'supervise'
> {
  readonly loadDriver: (config: ProviderConfig) => Promise<Driver>;
  readonly driverEnv: (provider: ProviderConfig) => DriverEnv;
  /** Of calls to clouds. */
  readonly metrics: Metrics;
  /** A provider runs, does not, or is no more. */
  readonly onChange: () => void;
}

export class ImageProviders {
  readonly #options: ImageProvidersOptions;
  readonly #set: ProviderSet<ImageProvider>;
  #config: Config | undefined;

  constructor(options: ImageProvidersOptions) {
    this.#options = options;
    const { clock, random, log, supervise, onChange } = options;
    this.#set = new ProviderSet<ImageProvider>({
      ...{ clock, random, log, supervise },
      carry: () => undefined,
      open: (config, _, signal) => this.#open(config, signal),
      close: ({ connection }) => connection.close(),
      ...{ onStarted: onChange, onFailed: onChange, onStopped: onChange },
    });
  }

  /** Whether some provider has yet to say in which format it wants images. */
  get isStarting(): boolean {
    return this.#set.isStarting;
  }

  running(name: string): ImageProvider | undefined {
    return this.#set.running(name);
  }

  /** Those of the configuration that keep images, and whether each lists this one. */
  listing(image: string): ReadonlyMap<string, { readonly listsImage: boolean }> {
    return new Map(
      this.#managing().map((one) => [one.name, { listsImage: one.diskimages.has(image) }]),
    );
  }

  /** Whether everybody who lists the image runs, so that all wishes are known. */
  allRun(image: string): boolean {
    return this.#managing().every(
      (one) => !one.diskimages.has(image) || this.running(one.name) !== undefined,
    );
  }

  /** Who wants the image, as far as they run. */
  wishesFor(image: string): UploadWish[] {
    return this.#managing().flatMap(({ name, diskimages }) => {
      const wanted = diskimages.get(image);
      const format = this.running(name)?.store.format;
      if (wanted === undefined || format === undefined) return [];
      return [{ provider: name, isPaused: wanted.isPaused, format }];
    });
  }

  /** The image's own formats and those that providers upload. */
  formatsOf({ name, formats }: DiskimageConfig): readonly string[] {
    return [...new Set([...formats, ...this.wishesFor(name).map(({ format }) => format)])];
  }

  /** Follows a new configuration. Returns at once; starts go on in the background. */
  apply(config: Config): void {
    this.#config = config;
    this.#set.apply(
      new Map(
        this.#managing().map((one) => [one.name, { config: one, basis: basisOf(one, config) }]),
      ),
    );
  }

  reconnect(): void {
    this.#set.reconnect();
  }

  close(): Promise<void> {
    return this.#set.close();
  }

  #managing(): readonly ProviderConfig[] {
    return [...(this.#config?.providers.values() ?? [])].filter((one) => one.managesImages);
  }

  async #open(config: ProviderConfig, signal: AbortSignal): Promise<ImageProvider> {
    const { loadDriver, driverEnv, clock, metrics } = this.#options;
    const driver = await loadDriver(config);
    const env = driverEnv(config);
    const connection = await connectMeasured(driver, { config, env }, { metrics, clock }, signal);
    const { images } = connection;
    if (images !== undefined) return { config, connection, store: images };
    await connection.close();
    throw new CloudError('NP_CLOUD_FATAL', `driver ${config.driver} keeps no images`);
  }
}
