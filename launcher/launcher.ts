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
import { Answers } from './assignment/answers.ts';
import { Assigner } from './assignment/assigner.ts';
import { NodeBorrowing } from './borrowing/borrowing.ts';
import type { Context } from './context.ts';
import { listen, roomCame, tenantRoomCame, type Listeners } from './events.ts';
import { dump, type Dump } from './explain/dump.ts';
import type { ExplainParts } from './explain/parts.ts';
import { explainRequest } from './explain/request.ts';
import { explainWaiting, type WaitingSummary } from './explain/waiting.ts';
import { InventorySync } from './inventory/inventory-sync.ts';
import { NodeDeleter } from './nodes/deleter.ts';
import { NodeFreer } from './nodes/freer.ts';
import { RoomMaker } from './pools/make-room.ts';
import { StuckRequests } from './pools/stuck.ts';
import { Pools } from './pools/pools.ts';
import { PoolRegistry } from './pools/registry.ts';
import type { ProviderRuntime } from './providers/provider-runtime.ts';
import { Providers } from './providers/providers.ts';
import type { ServeResult } from './requests/job.ts';
import type { Journal } from './requests/journal.ts';
import { Serving } from './requests/serving.ts';
import { StockKeeper } from './stock/stock-keeper.ts';
import { Upkeep } from './upkeep/upkeep.ts';

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
  readonly loadDriver: (name: string) => Promise<Driver>;
}

/** What `max-concurrency` has kept waiting may be launched now. */
function launchEnded({ pools, assigner }: Listeners, provider: string): void {
  for (const pool of pools.ofProvider(provider)) {
    if (pool.provider.config.maxConcurrency < Infinity) assigner.poolChanged(pool);
  }
}

/** Whether nobody needs to pause before the next look: not after an error, or another's lock. */
function isAnswered(result: ServeResult): boolean {
  return result === 'fulfilled' || result === 'gone' || result === 'declined';
}

type Parts = Listeners & { readonly providers: Providers; readonly answers: Answers };

export class Launcher {
  readonly store: Store;
  readonly #options: LauncherOptions;
  readonly #context: Context;
  readonly #registry: PoolRegistry;
  readonly #parts: Parts;
  readonly #inventories = new Map<string, InventorySync>();
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
    this.#registry = new PoolRegistry(this.store.components);
    this.#parts = this.#build();
    listen(this.#parts);
  }

  /** Resolves when requests are being looked at; providers may still be starting. */
  async start(signal: AbortSignal): Promise<void> {
    await this.store.start(signal);
    this.#registration = this.store.components.register({
      hostname: this.#options.hostname,
      kind: 'launcher',
      state: 'running',
      version: this.#options.version,
      model_api: 0,
    });
    this.#parts.providers.apply(this.#config);
    this.#parts.upkeep.start();
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

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Tells how requests are served, while they are. */
  get journal(): Journal {
    return this.#parts.serving.journal;
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

  /** Stops in order. Whatever is not done after `graceMs` is left for the next launcher. */
  async stop(graceMs: number): Promise<void> {
    const { assigner, stock, upkeep, pools, serving, deleter, providers } = this.#parts;
    this.#isReady = false;
    assigner.stop();
    stock.stop();
    upkeep.stop();
    this.#cancelResync?.();
    for (const inventory of this.#inventories.values()) inventory.stop();
    await Promise.all([pools.close(), this.#registration?.remove()]);
    await serving.stop(graceMs);
    deleter.stop();
    await providers.close();
    await this.#supervisor.settled();
    await this.store.stop();
  }

  #build(): Parts {
    const context = this.#context;
    const registry = this.#registry;
    const claimed = new Set<string>();
    const registered = (): ReturnType<PoolRegistry['all']> => registry.all();
    const ownPools = (): ReadonlySet<string> => pools.ids;
    const config = (): Config => this.#config;
    const room = new RoomMaker(context, claimed);
    const pools = new Pools({
      context,
      hostname: this.#options.hostname,
      version: this.#options.version,
      config,
      claimed,
      tenantNeed: (tenant) => serving.needOfTenant(tenant),
      onStarved: (pool, gaps) => {
        room.makeRoom(pool, gaps);
        stuck.consider(pool.provider.name);
        pool.provider.refreshQuota({ isForced: false });
      },
    });
    const providers = this.#providers();
    const answers = new Answers(() => context.clock.now());
    const serving = new Serving({
      context,
      claimed,
      registeredIds: () => registry.ids(),
      onDeclined: (id, pool, reasons) => {
        // Of a request that is gone nobody would ever forget the answers.
        if (this.store.requests.get(id)) answers.declined(id, pool, reasons);
      },
      onRoomToStart: () => {
        assigner.resume();
      },
      onDone: ({ id, record }, result, pool) => {
        assigner.requestDone(id, isAnswered(result));
        // No node's change tells of room, or ready nodes, that were kept for the request in vain.
        if (result !== 'fulfilled') {
          roomCame(this.#parts, pool.provider.name);
          tenantRoomCame(this.#parts, record.tenant_name);
        }
      },
    });
    const assigner = new Assigner({
      context,
      pools,
      online: registry,
      isStarting: () => providers.isStarting,
      answers,
      mayStart: () => serving.mayStart,
      serve: (pool, request, accepted) => {
        serving.start(pool, request, accepted);
      },
    });
    const stuck = new StuckRequests({ context, pools, serving });
    const deleter = new NodeDeleter({
      context,
      provider: (name) => providers.running(name),
      registered,
      ownPools,
      retrySeconds: () => this.#config.extensions.intervals.deleteSeconds,
    });
    const freer = new NodeFreer({ context, registered, ownPools });
    const stock = new StockKeeper({
      context,
      config,
      pools: () => pools.all(),
      registered,
      ownPools,
    });
    const upkeep = new Upkeep({
      ...{ context, config, providers, registry, deleter, freer, ownPools },
      served: (request) => serving.served(request),
    });
    const inventories = this.#inventories;
    return {
      ...{ store: this.store, pools, providers, assigner, serving, stuck },
      hasTenantLimits: (tenant) => this.#config.tenantLimits.has(tenant),
      ...{ deleter, freer, stock, upkeep, inventories, answers },
    };
  }

  #explainParts(): ExplainParts {
    const { hostname } = this.#options;
    return { ...this.#parts, hostname, online: this.#registry };
  }

  #providers(): Providers {
    return new Providers({
      context: this.#context,
      loadDriver: this.#options.loadDriver,
      driverEnv: (provider) => this.#driverEnv(provider),
      onStarted: (provider) => {
        this.#providerStarted(provider);
      },
      onAbsent: () => {
        this.#parts.assigner.everythingChanged();
      },
      onStopped: (name) => {
        this.#parts.pools.providerStopped(name);
        this.#inventories.get(name)?.stop();
        this.#inventories.delete(name);
        this.#parts.upkeep.providerLeft(name);
      },
      onQuota: (name) => {
        roomCame(this.#parts, name);
      },
      onLaunchEnded: (name) => {
        launchEnded(this.#parts, name);
      },
    });
  }

  #providerStarted(provider: ProviderRuntime): void {
    const { pools, deleter, assigner, stock } = this.#parts;
    pools.providerStarted(provider);
    this.#inventories.get(provider.name)?.stop();
    this.#inventories.delete(provider.name);
    if (provider.connection.inventory) {
      const inventory = new InventorySync(this.#context, provider);
      this.#inventories.set(provider.name, inventory);
      inventory.changed();
    }
    deleter.sweepSoon();
    assigner.everythingChanged();
    stock.changed();
  }

  #driverEnv(provider: ProviderConfig): Parameters<Driver['connect']>[1] {
    const { extensions } = this.#config;
    return {
      clock: this.#options.clock,
      random: this.#options.random,
      log: this.#options.log.named(`nodepool.driver.${provider.driver}`),
      environment: this.#options.environment,
      borrowing: new NodeBorrowing({
        ...{ context: this.#context, provider },
        registered: () => this.#registry.all(),
      }),
      extension: extensions.drivers[provider.driver],
      pollSeconds: extensions.intervals.cloudPollSeconds,
      imageCheckSeconds: extensions.intervals.imageCheckSeconds,
    };
  }

  /** The net under the events: all waiting requests are looked at again, from memory. */
  #planResync(): void {
    const { resyncSeconds } = this.#config.extensions.intervals;
    this.#cancelResync = this.#options.clock.after(resyncSeconds * 1000, () => {
      for (const pool of this.#parts.pools.all()) pool.capacity.changed();
      for (const inventory of this.#inventories.values()) inventory.changed();
      this.#parts.assigner.everythingChanged();
      this.#parts.stock.changed();
      this.#planResync();
    });
  }
}
