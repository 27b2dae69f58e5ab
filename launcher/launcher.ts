/**
 * The launcher: answers node requests. Puts the parts together, starts and stops them in order.
 *
 * Start: register, read everything once, then follow events. Stop: registrations are given back at
 * once, nothing new is begun, launches may end within a time, the rest is handed over.
 */
import type { Config, ProviderConfig } from '../schemas/config/model.ts';
import type { Clock } from '../shared/base/clock.ts';
import type { Logger } from '../shared/base/log.ts';
import { Supervisor } from '../shared/base/supervisor.ts';
import type { Driver } from '../shared/drivers/driver.ts';
import type { Registration } from '../shared/store/components.ts';
import { Store } from '../shared/store/store.ts';
import type { Metrics } from '../shared/telemetry/metrics.ts';
import type { ZooKeeper } from '../shared/zookeeper/types.ts';
import type { LauncherExplanation } from '../schemas/explanation.ts';
import type { LauncherStatus } from '../schemas/launcher-status.ts';
import { seconds, type Context } from './context.ts';
import { listen } from './events.ts';
import { dump, type Dump } from './explain/dump.ts';
import type { ExplainParts } from './explain/parts.ts';
import { explainRequest } from './explain/request.ts';
import { explainWaiting, type WaitingSummary } from './explain/waiting.ts';
import { PoolRegistry } from './pools/registry.ts';
import { makeParts } from './make-parts.ts';
import type { Parts } from './parts.ts';
import type { Journal } from './requests/journal.ts';
import { Launches } from './status/launches.ts';
import { launcherStatus } from './status/status.ts';
import { LauncherGauges } from './telemetry/launcher-gauges.ts';

export interface LauncherOptions {
  readonly client: ZooKeeper;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly hostname: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly loadDriver: (config: ProviderConfig) => Promise<Driver>;
}

export class Launcher {
  readonly store: Store;
  /** For metrics. */
  readonly gauges: LauncherGauges;
  readonly #options: LauncherOptions;
  readonly #context: Context;
  readonly #registry: PoolRegistry;
  readonly #parts: Parts;
  readonly #launches: Launches;
  readonly #supervisor: Supervisor;
  #config: Config;
  #registration: Registration | undefined;
  #cancelResync: (() => void) | undefined;
  #isReady = false;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#config = options.config;
    const { client, clock, random, metrics } = options;
    const log = options.log.named('nodepool.NodePool');
    this.store = new Store({ client, clock, log: options.log });
    this.#supervisor = new Supervisor(log);
    this.#context = {
      store: this.store,
      clock,
      random,
      log,
      metrics,
      supervise: (what, work) => {
        this.#supervisor.run(what, work);
      },
    };
    this.#registry = new PoolRegistry(this.store.components, this.store.drains);
    this.#parts = makeParts({
      ...options,
      context: this.#context,
      registry: this.#registry,
      config: () => this.#config,
    });
    this.#launches = new Launches(this.journal, clock);
    this.gauges = new LauncherGauges({
      context: this.#context,
      parts: () => this.#explainParts(),
      config: () => this.#config,
      hostname: options.hostname,
    });
    listen(this.#parts);
  }

  /** Resolves when requests are being looked at; providers may still be starting. */
  async start(signal: AbortSignal): Promise<void> {
    await this.store.start(signal);
    this.#registration = this.store.components.register({
      hostname: this.#options.hostname,
      kind: 'launcher',
      state: this.#parts.drainWatch.state,
      version: this.#options.version,
      model_api: 0,
    });
    this.#parts.drainWatch.announceIn(this.#registration);
    this.#parts.providers.apply(this.#config);
    this.#parts.upkeep.start();
    this.gauges.start();
    this.#planResync();
    this.#isReady = true;
  }

  /** Follows a new configuration; what it does not change goes on undisturbed. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#parts.providers.apply(config);
    this.#parts.assigner.everythingChanged();
    this.#parts.stock.changed();
  }

  /** Connects to all clouds anew: what drivers read beside our files may have changed. */
  reconnect(): void {
    this.#parts.providers.reconnect();
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  get hostname(): string {
    return this.#options.hostname;
  }

  get version(): string {
    return this.#options.version;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Tells how requests are served, while they are. */
  get journal(): Journal {
    return this.#parts.serving.journal;
  }

  /** Ids of this launcher's pools, and of all that are online. */
  pools(): { readonly own: ReadonlySet<string>; readonly online: readonly string[] } {
    return { own: this.#parts.pools.ids, online: this.#registry.ids() };
  }

  /** Labels of all pools online. */
  labels(): Set<string> {
    return new Set(this.#registry.all().flatMap((pool) => [...pool.labels]));
  }

  /** What is going on, for the dump on a signal. */
  describe(): Dump {
    return dump(this.#explainParts(), this.#options.clock.now(), this.#supervisor.size);
  }

  /** Why a request is where it is; undefined: there is no such request. */
  explain(request: string): LauncherExplanation | undefined {
    return explainRequest(this.#explainParts(), request);
  }

  /** What all waiting requests wait for. */
  explainWaiting(): WaitingSummary {
    return explainWaiting(this.#explainParts());
  }

  /** What goes on, for pages and tools that look each second. */
  status(): LauncherStatus {
    const { version, clock } = this.#options;
    const { drainWatch } = this.#parts;
    const parts = { ...this.#explainParts(), version, launches: this.#launches, drainWatch };
    return launcherStatus(parts, seconds(clock));
  }

  /** Stops in order. Whatever is not done after `graceMs` is left for the next launcher. */
  async stop(graceMs: number): Promise<void> {
    const { assigner, stock, upkeep, pools, serving, deleter, providers } = this.#parts;
    this.#isReady = false;
    assigner.stop();
    stock.stop();
    upkeep.stop();
    this.#cancelResync?.();
    for (const inventory of this.#parts.inventories.values()) inventory.stop();
    await Promise.all([pools.close(), this.#registration?.remove(), this.gauges.stop()]);
    await serving.stop(graceMs);
    deleter.stop();
    await providers.close();
    await this.#supervisor.settled();
    await this.store.stop();
  }

  #explainParts(): ExplainParts {
    const { hostname } = this.#options;
    return { ...this.#parts, hostname, online: this.#registry };
  }

  /** The net under the events: all waiting requests are looked at again, from memory. */
  #planResync(): void {
    const { resyncSeconds } = this.#config.extensions.intervals;
    this.#cancelResync = this.#options.clock.after(resyncSeconds * 1000, () => {
      for (const pool of this.#parts.pools.all()) pool.capacity.changed();
      for (const inventory of this.#parts.inventories.values()) inventory.changed();
      this.#parts.assigner.everythingChanged();
      this.#parts.stock.changed();
      this.#planResync();
    });
  }
}
