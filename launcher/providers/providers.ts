/**
 * Starts, replaces and ends providers. Providers are islands: one that cannot start is treated as
 * absent and tried again with backoff until it can; no other waits for it.
 *
 * A provider for which nothing has changed in the file keeps its connection. One that changed is started
 * anew before the old one is closed, and goes on with the old one if the new one cannot start.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Config, ProviderConfig } from '../../schemas/config/model.ts';
import { basisOf } from '../../shared/config/changes.ts';
import { CloudError, messageOf, NodepoolError } from '../../shared/base/errors.ts';
import { sleep, withDeadline } from '../../shared/base/wait.ts';
import type { Driver, DriverEnv } from '../../shared/drivers/driver.ts';
import type { Context } from '../context.ts';
import { Ledger } from '../pools/capacity.ts';
import { ProviderRuntime } from './provider-runtime.ts';

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;
/** For one start: connecting and learning labels, zones and quota. */
const START_DEADLINE_MS = 300_000;

export interface ProvidersOptions {
  readonly context: Context;
  readonly loadDriver: (name: string) => Promise<Driver>;
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

/** One that is configured and does not run. */
export interface AbsentProvider {
  readonly config: ProviderConfig;
  /** Why the last start failed; undefined during the first one. */
  readonly problem: string | undefined;
  /** When it is tried again, in milliseconds since 1970; undefined: it is being tried. */
  readonly againAtMs: number | undefined;
}

interface Entry {
  config: ProviderConfig;
  /** What of the file it was started with. */
  basis: unknown;
  runtime: ProviderRuntime | undefined;
  /** Ends the start that is under way. */
  starting: AbortController | undefined;
  /** Why the last start failed. */
  problem: string | undefined;
  /** When it is tried again, in milliseconds since 1970; undefined: it is being tried. */
  againAtMs: number | undefined;
  readonly ledger: Ledger;
}

export class Providers {
  readonly #options: ProvidersOptions;
  readonly #context: Context;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  /** Resolves when the next that wants to start may. */
  #nextTurn: Promise<void> = Promise.resolve();

  constructor(options: ProvidersOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** The provider, if it runs. */
  running(name: string): ProviderRuntime | undefined {
    return this.#entries.get(name)?.runtime;
  }

  *allRunning(): Generator<ProviderRuntime> {
    for (const { runtime } of this.#entries.values()) if (runtime) yield runtime;
  }

  /** Whether the first start of some provider has not ended yet, well or not. */
  get isStarting(): boolean {
    for (const { runtime, problem } of this.#entries.values()) {
      if (!runtime && problem === undefined) return true;
    }
    return false;
  }

  /** Providers of the configuration that do not run. */
  *absent(): Generator<AbsentProvider> {
    for (const { runtime, config, problem, againAtMs } of this.#entries.values()) {
      if (!runtime) yield { config, problem, againAtMs };
    }
  }

  /** Follows a new configuration. Returns at once; starts go on in the background. */
  apply(config: Config): void {
    for (const [name, entry] of [...this.#entries]) {
      if (!config.providers.has(name)) this.#remove(name, entry);
    }
    for (const provider of config.providers.values()) {
      const entry = this.#entries.get(provider.name);
      const basis = basisOf(provider, config);
      if (!entry) {
        const created: Entry = {
          config: provider,
          basis,
          runtime: undefined,
          starting: undefined,
          problem: undefined,
          againAtMs: undefined,
          ledger: new Ledger(() => {
            this.#options.onLaunchEnded(provider.name);
          }),
        };
        this.#entries.set(provider.name, created);
        this.#start(created);
      } else if (!isDeepStrictEqual(entry.basis, basis)) {
        entry.config = provider;
        entry.basis = basis;
        this.#start(entry);
      }
    }
  }

  /** Starts all anew; the old connections serve until the new ones do. */
  reconnect(): void {
    for (const entry of this.#entries.values()) this.#start(entry);
  }

  async close(): Promise<void> {
    for (const [name, entry] of [...this.#entries]) this.#remove(name, entry);
    await Promise.all(this.#closing);
  }

  #start(entry: Entry): void {
    entry.starting?.abort(new NodepoolError('NP_ABORTED', 'a newer configuration is there'));
    const controller = new AbortController();
    entry.starting = controller;
    const work = this.#startUntilItRuns(entry, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    this.#context.supervise('start a provider', work);
  }

  async #startUntilItRuns(entry: Entry, signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        entry.againAtMs = undefined;
        await this.#ownTurn();
        const runtime = await this.#connect(entry, signal);
        const old = entry.runtime;
        entry.runtime = runtime;
        entry.problem = undefined;
        entry.starting = undefined;
        this.#context.log.info('provider runs', {
          provider: entry.config.name,
          driver: entry.config.driver,
        });
        this.#options.onStarted(runtime);
        if (old) this.#close(old);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        const isFirst = !entry.runtime && entry.problem === undefined;
        entry.problem = messageOf(error);
        if (isFirst) this.#options.onAbsent(entry.config.name);
        this.#context.metrics.increment(`nodepool.provider.${entry.config.name}.start_failed`);
        this.#context.log.error('provider cannot start; tried again', {
          code: 'NP_PROVIDER_START',
          provider: entry.config.name,
          place: entry.config.place,
          again_in_seconds: pause / 1000,
          error,
        });
        const pauseMs = pause * (0.8 + 0.4 * this.#context.random());
        entry.againAtMs = this.#context.clock.now() + pauseMs;
        await sleep(this.#context.clock, pauseMs, signal);
      }
    }
  }

  /** Each start in a turn of the event loop of its own: what each one sets going at once adds up. */
  #ownTurn(): Promise<void> {
    const turn = this.#nextTurn;
    this.#nextTurn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return turn;
  }

  async #connect(entry: Entry, signal: AbortSignal): Promise<ProviderRuntime> {
    const { config, ledger } = entry;
    const { clock } = this.#context;
    const error = (): Error =>
      new CloudError('NP_PROVIDER_START', `provider ${config.name} did not start in time`);
    return withDeadline({ clock, ms: START_DEADLINE_MS, signal, error }, async (inner) => {
      const driver = await this.#options.loadDriver(config.driver);
      const driverEnv = this.#options.driverEnv(config);
      const connection = await driver.connect(config, driverEnv, inner);
      const runtime = new ProviderRuntime({
        config,
        connection,
        ledger,
        clock,
        checkSeconds: driverEnv.imageCheckSeconds,
        log: this.#context.log.with({ provider: config.name }),
        isKnownNode: (id) => this.#context.store.nodes.get(id) !== undefined,
        onQuota: () => {
          this.#options.onQuota(config.name);
        },
      });
      await prepareOrClose(runtime, inner);
      return runtime;
    });
  }

  #remove(name: string, entry: Entry): void {
    entry.starting?.abort(new NodepoolError('NP_ABORTED', 'the provider left the configuration'));
    this.#entries.delete(name);
    if (!entry.runtime) return;
    this.#options.onStopped(name);
    this.#close(entry.runtime);
  }

  #close(runtime: ProviderRuntime): void {
    const work = runtime.close().finally(() => {
      this.#closing.delete(work);
    });
    this.#closing.add(work);
    this.#context.supervise('close a provider', work);
  }
}

async function prepareOrClose(runtime: ProviderRuntime, signal: AbortSignal): Promise<void> {
  try {
    await runtime.prepare(signal);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}
