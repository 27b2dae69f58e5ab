/**
 * Starts, replaces and ends what works on providers, one for each in the configuration. Providers are
 * islands: one that cannot start is treated as absent and tried again with backoff until it can; no
 * other waits for it.
 *
 * A provider for which nothing has changed in the file stays as it is. One that changed is started
 * anew before the old one is closed, and goes on with the old one if the new one cannot start.
 */
import { isDeepStrictEqual } from 'node:util';

import type { ProviderConfig } from '../../schemas/config/model.ts';
import type { Clock } from '../base/clock.ts';
import { CloudError, messageOf, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { sleep, withDeadline } from '../base/wait.ts';

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;
/** For one start, with all that has to be learnt before the first decision. */
const START_DEADLINE_MS = 300_000;

/** `R`: what runs. `C`: what stays over all that run for the provider, one after the other. */
export interface ProviderSetOptions<R, C> {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Runs work in the background: a failure is logged with the words, never lost. */
  readonly supervise: (what: string, work: Promise<unknown>) => void;
  readonly carry: (config: ProviderConfig) => C;
  readonly open: (config: ProviderConfig, carried: C, signal: AbortSignal) => Promise<R>;
  readonly close: (running: R) => Promise<void>;
  /** Runs, with a new connection or for the first time. */
  readonly onStarted: (running: R) => void;
  /** A start has failed and is tried again; `isFirst`: for now it is as good as not configured. */
  readonly onFailed: (name: string, isFirst: boolean) => void;
  /** What ran is not configured any more. */
  readonly onStopped: (name: string) => void;
}

/** One that is configured and does not run. */
export interface AbsentProvider {
  readonly config: ProviderConfig;
  /** Why the last start failed; undefined during the first one. */
  readonly problem: string | undefined;
  /** When it is tried again, in milliseconds since 1970; undefined: it is being tried. */
  readonly againAtMs: number | undefined;
}

interface Entry<R, C> {
  config: ProviderConfig;
  /** What of the file it was started with. */
  basis: unknown;
  running: R | undefined;
  /** Ends the start that is under way. */
  starting: AbortController | undefined;
  problem: string | undefined;
  againAtMs: number | undefined;
  readonly carried: C;
}

export class ProviderSet<R, C = undefined> {
  readonly #options: ProviderSetOptions<R, C>;
  readonly #entries = new Map<string, Entry<R, C>>();
  readonly #closing = new Set<Promise<void>>();
  /** Resolves when the next that wants to start may. */
  #nextTurn: Promise<void> = Promise.resolve();

  constructor(options: ProviderSetOptions<R, C>) {
    this.#options = options;
  }

  /** What runs for the provider, if anything does. */
  running(name: string): R | undefined {
    return this.#entries.get(name)?.running;
  }

  *allRunning(): Generator<R> {
    for (const { running } of this.#entries.values()) if (running) yield running;
  }

  /** Whether the first start of some provider has not ended yet, well or not. */
  get isStarting(): boolean {
    for (const { running, problem } of this.#entries.values()) {
      if (!running && problem === undefined) return true;
    }
    return false;
  }

  /** Providers of the configuration that do not run. */
  *absent(): Generator<AbsentProvider> {
    for (const { running, config, problem, againAtMs } of this.#entries.values()) {
      if (!running) yield { config, problem, againAtMs };
    }
  }

  /**
   * Follows a new configuration: providers by name, each with all that it is made from. Returns at
   * once; starts go on in the background.
   */
  apply(wanted: ReadonlyMap<string, { config: ProviderConfig; basis: unknown }>): void {
    for (const [name, entry] of [...this.#entries]) {
      if (!wanted.has(name)) this.#remove(name, entry);
    }
    for (const [name, { config, basis }] of wanted) {
      const entry = this.#entries.get(name);
      if (!entry) {
        const created: Entry<R, C> = {
          ...{ config, basis, running: undefined, starting: undefined },
          ...{ problem: undefined, againAtMs: undefined },
          carried: this.#options.carry(config),
        };
        this.#entries.set(name, created);
        this.#start(created);
      } else if (!isDeepStrictEqual(entry.basis, basis)) {
        entry.config = config;
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

  #start(entry: Entry<R, C>): void {
    entry.starting?.abort(new NodepoolError('NP_ABORTED', 'a newer configuration is there'));
    const controller = new AbortController();
    entry.starting = controller;
    const work = this.#startUntilItRuns(entry, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    this.#options.supervise('start a provider', work);
  }

  async #startUntilItRuns(entry: Entry<R, C>, signal: AbortSignal): Promise<void> {
    const { clock, random, log, onStarted } = this.#options;
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        entry.againAtMs = undefined;
        await this.#ownTurn();
        const running = await this.#open(entry, signal);
        const old = entry.running;
        entry.running = running;
        entry.problem = undefined;
        entry.starting = undefined;
        const { name, driver } = entry.config;
        log.info('provider runs', { provider: name, driver });
        onStarted(running);
        if (old) this.#close(old);
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        this.#failed(entry, error, pause);
        const pauseMs = pause * (0.8 + 0.4 * random());
        entry.againAtMs = clock.now() + pauseMs;
        await sleep(clock, pauseMs, signal);
      }
    }
  }

  #failed(entry: Entry<R, C>, error: unknown, pauseMs: number): void {
    const isFirst = !entry.running && entry.problem === undefined;
    entry.problem = messageOf(error);
    this.#options.onFailed(entry.config.name, isFirst);
    this.#options.log.error('provider cannot start; tried again', {
      code: 'NP_PROVIDER_START',
      provider: entry.config.name,
      place: entry.config.place,
      again_in_seconds: pauseMs / 1000,
      error,
    });
  }

  /** Each start in a turn of the event loop of its own: what each one sets going at once adds up. */
  #ownTurn(): Promise<void> {
    const turn = this.#nextTurn;
    this.#nextTurn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return turn;
  }

  #open({ config, carried }: Entry<R, C>, signal: AbortSignal): Promise<R> {
    const { clock, open } = this.#options;
    const error = (): Error =>
      new CloudError('NP_PROVIDER_START', `provider ${config.name} did not start in time`);
    return withDeadline({ clock, ms: START_DEADLINE_MS, signal, error }, (inner) =>
      open(config, carried, inner),
    );
  }

  #remove(name: string, entry: Entry<R, C>): void {
    entry.starting?.abort(new NodepoolError('NP_ABORTED', 'the provider left the configuration'));
    this.#entries.delete(name);
    if (!entry.running) return;
    this.#options.onStopped(name);
    this.#close(entry.running);
  }

  #close(running: R): void {
    const work = this.#options.close(running).finally(() => {
      this.#closing.delete(work);
    });
    this.#closing.add(work);
    this.#options.supervise('close a provider', work);
  }
}
