/** The providers that a launcher works with: each one's connection, and what it knows of the cloud. */
import type { Config, ProviderConfig } from '../../schemas/config/model.ts';
import { basisOf } from '../../shared/config/changes.ts';
import type { Driver, DriverEnv } from '../../shared/drivers/driver.ts';
import { connectMeasured } from '../../shared/drivers/measured.ts';
import { ProviderSet, type AbsentProvider } from '../../shared/drivers/provider-set.ts';
import { providerStartFailed } from '../../shared/telemetry/names/nodes.ts';
import type { Context } from '../context.ts';
import { Ledger } from '../pools/capacity.ts';
import { ProviderRuntime } from './provider-runtime.ts';

export interface ProvidersOptions {
  readonly context: Context;
  readonly loadDriver: (config: ProviderConfig) => Promise<Driver>;
  readonly driverEnv: (provider: ProviderConfig) => DriverEnv;
  /** A provider runs, with a new connection or for the first time. */
  readonly onStarted: (provider: ProviderRuntime) => void;
  /** The first start of a provider has failed: for now it is as good as not configured. */
  readonly onAbsent: (name: string) => void;
  /** A provider is not there any more. */
  readonly onStopped: (name: string) => void;
  /** Room in a provider's cloud may have changed. */
  readonly onQuota: (name: string) => void;
  /** A launch in the provider has ended: what `max-concurrency` has kept waiting may begin. */
  readonly onLaunchEnded: (name: string) => void;
}

export class Providers {
  readonly #options: ProvidersOptions;
  /** Room that is kept for launches stays the same over all connections of a provider. */
  readonly #set: ProviderSet<ProviderRuntime, Ledger>;

  constructor(options: ProvidersOptions) {
    this.#options = options;
    const { context, onStarted, onStopped, onAbsent } = options;
    const { clock, random, log, supervise, metrics } = context;
    this.#set = new ProviderSet<ProviderRuntime, Ledger>({
      ...{ clock, random, log, supervise, onStarted, onStopped },
      carry: ({ name }) =>
        new Ledger(() => {
          options.onLaunchEnded(name);
        }),
      open: (config, ledger, signal) => this.#open(config, ledger, signal),
      close: (runtime) => runtime.close(),
      onFailed: (name, isFirst) => {
        if (isFirst) onAbsent(name);
        metrics.increment(providerStartFailed, { provider: name });
      },
    });
  }

  /** The provider, if it runs. */
  running(name: string): ProviderRuntime | undefined {
    return this.#set.running(name);
  }

  allRunning(): Generator<ProviderRuntime> {
    return this.#set.allRunning();
  }

  /** Whether the first start of some provider has not ended yet, well or not. */
  get isStarting(): boolean {
    return this.#set.isStarting;
  }

  /** Providers of the configuration that do not run. */
  absent(): Generator<AbsentProvider> {
    return this.#set.absent();
  }

  /** Follows a new configuration. Returns at once; starts go on in the background. */
  apply(config: Config): void {
    this.#set.apply(
      new Map(
        [...config.providers.values()].map((one) => [
          one.name,
          { config: one, basis: basisOf(one, config) },
        ]),
      ),
    );
  }

  /** Starts all anew; the old connections serve until the new ones do. */
  reconnect(): void {
    this.#set.reconnect();
  }

  close(): Promise<void> {
    return this.#set.close();
  }

  async #open(
    config: ProviderConfig,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<ProviderRuntime> {
    const { context, loadDriver, driverEnv, onQuota } = this.#options;
    const driver = await loadDriver(config);
    const env = driverEnv(config);
    const connection = await connectMeasured(driver, { config, env }, context, signal);
    const runtime = new ProviderRuntime({
      ...{ config, connection, ledger, clock: context.clock },
      checkSeconds: env.imageCheckSeconds,
      log: context.log.with({ provider: config.name }),
      isKnownNode: (id) => context.store.nodes.get(id) !== undefined,
      onQuota: () => {
        onQuota(config.name);
      },
    });
    try {
      await runtime.prepare(signal);
      return runtime;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }
}
