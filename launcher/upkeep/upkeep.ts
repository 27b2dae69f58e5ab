/**
 * The rounds that put right what no event tells of: each step alone, so that one that fails does not
 * keep the others from their work. A round also runs soon after a launcher has vanished.
 */
import type { Config } from '../../schemas/config/model.ts';
import { LeftBehind } from '../borrowing/left-behind.ts';
import type { Context } from '../context.ts';
import type { NodeDeleter } from '../nodes/deleter.ts';
import type { Retirer } from '../drain/retire.ts';
import type { NodeFreer } from '../nodes/freer.ts';
import type { PoolRegistry } from '../pools/registry.ts';
import type { Providers } from '../providers/providers.ts';
import type { Served } from '../requests/job.ts';
import { LeakFinder } from './leaks.ts';
import { resetLostRequests } from './lost-requests.ts';
import { deleteOldNodes, Orphans, type Makers } from './node-ages.ts';
import { RequestLockSweeper } from './request-locks.ts';

/** A round after a launcher has vanished waits so long for its locks and the caches to settle. */
const SOON_MS = 200;
/** Lock znodes are old by hours; looking for them more often than this finds nothing. */
const LOCK_SWEEP_MS = 600_000;

export interface UpkeepOptions {
  readonly context: Context;
  readonly config: () => Config;
  readonly providers: Providers;
  readonly registry: PoolRegistry;
  readonly deleter: NodeDeleter;
  readonly freer: NodeFreer;
  readonly retirer: Retirer;
  /** What we are doing for a request. Undefined: we do not serve it. */
  readonly served: (request: string) => Served | undefined;
  /** Ids of this launcher's pools. */
  readonly ownPools: () => ReadonlySet<string>;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #context: Context;
  readonly #leaks = new LeakFinder();
  readonly #orphans = new Orphans();
  readonly #locks = new RequestLockSweeper();
  readonly #leftBehind: LeftBehind;
  readonly #cancels = new Set<() => void>();
  #lockSweepAt = -Infinity;
  #isRunning = false;
  #isStopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#context = options.context;
    const { context, config, registry } = options;
    this.#leftBehind = new LeftBehind({
      context,
      isPresent: (provider) =>
        config().providers.has(provider) ||
        registry.all().some((pool) => pool.provider === provider),
    });
  }

  /** Begins the rounds; the first one comes at once. */
  start(): void {
    this.#plan(0, true);
    this.#planSweep();
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  /** A launcher has vanished: what it was working on may be left lying. */
  soon(): void {
    this.#plan(SOON_MS, false);
  }

  /** A provider has left the configuration. */
  providerLeft(name: string): void {
    this.#leftBehind.providerLeft(name);
    this.soon();
  }

  /** One round of everything. */
  async round(): Promise<void> {
    const { context, config, served, providers } = this.#options;
    if (this.#isRunning || this.#isStopped || !context.store.isCurrent) return;
    this.#isRunning = true;
    try {
      await this.#step('lost requests', () =>
        resetLostRequests(context, (id) => served(id) !== undefined),
      );
      await this.#step('old nodes', () => deleteOldNodes(context, config()));
      await this.#step('orphans', () => this.#orphans.sweep(context, this.#makers));
      await this.#step('empty nodes', () => this.#removeEmptyNodes());
      await this.#step('request locks', () => this.#sweepLocks());
      await this.#step('borrowed nodes', () => this.#leftBehind.sweep());
      for (const provider of providers.allRunning()) {
        await this.#step(`leaks of ${provider.name}`, () => this.#leaks.sweep(context, provider));
      }
      this.#options.deleter.sweep();
      this.#options.freer.sweep();
      this.#options.retirer.considerAll();
    } finally {
      this.#isRunning = false;
    }
  }

  get #makers(): Makers {
    const { registry, ownPools, served } = this.#options;
    return {
      isOnline: (pool) => registry.isOnline(pool),
      isOwn: (pool) => ownPools().has(pool),
      isMaking: (request, node) =>
        served(request)?.progress.nodes.some((one) => one.node === node) === true,
    };
  }

  async #step(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#hasStopped()) return;
    try {
      await work();
    } catch (error) {
      if (!this.#hasStopped()) this.#context.log.warn('upkeep step failed', { step: name, error });
    }
  }

  /** A function, since the compiler believes that a field stays as it is over an await. */
  #hasStopped(): boolean {
    return this.#isStopped;
  }

  async #removeEmptyNodes(): Promise<void> {
    for (const path of [...this.#context.store.nodes.cache.unreadablePaths()]) {
      const id = path.slice(path.lastIndexOf('/') + 1);
      if (this.#context.store.nodes.isLocked(id)) continue;
      if (await this.#context.store.nodes.removeEmpty(id)) {
        this.#context.log.info('empty node znode removed', { node: id });
      }
    }
  }

  async #sweepLocks(): Promise<void> {
    const now = this.#context.clock.monotonic();
    const { requestLockAgeSeconds } = this.#options.config().extensions.intervals;
    const period = Math.min(LOCK_SWEEP_MS, (requestLockAgeSeconds * 1000) / 4);
    if (now - this.#lockSweepAt < period) return;
    this.#lockSweepAt = now;
    await this.#locks.sweep(this.#context, requestLockAgeSeconds);
  }

  #plan(ms: number, isRepeated: boolean): void {
    if (this.#isStopped) return;
    const cancel = this.#context.clock.after(ms, () => {
      this.#cancels.delete(cancel);
      this.#context.supervise('upkeep', this.round());
      const { cleanupSeconds } = this.#options.config().extensions.intervals;
      if (isRepeated) this.#plan(cleanupSeconds * 1000, true);
    });
    this.#cancels.add(cancel);
  }

  /** Nodes that another launcher should have deleted or freed: looked at more often, from memory. */
  #planSweep(): void {
    if (this.#isStopped) return;
    const { deleteSeconds } = this.#options.config().extensions.intervals;
    const cancel = this.#context.clock.after(deleteSeconds * 1000, () => {
      this.#cancels.delete(cancel);
      this.#options.deleter.sweep();
      this.#options.freer.sweep();
      this.#planSweep();
    });
    this.#cancels.add(cancel);
  }
}
