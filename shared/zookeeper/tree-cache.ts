/**
 * A copy of a part of ZooKeeper's tree in memory, kept current by one persistent recursive watch.
 *
 *   start -> loading -> current -> (connection lost) stale -> loading -> current ... -> stopped
 *
 * After each reconnect the tree is read again and exactly the differences are told, removals too.
 * While `isCurrent` is false the content may be old. It never shows older data after newer. Own
 * writes made through `write` are taken over from their replies instead of being read back.
 * Does not show what happened between two reads: several changes may be told as one. Needs
 * ZooKeeper 3.6 or newer (`start` rejects on older ones).
 */
import { systemClock, type Clock } from '../base/clock.ts';
import { hasLabel, messageOf, ZooKeeperError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { throwIfAborted, untilAborted } from '../base/wait.ts';
import { pause } from './lock/pause.ts';
import { BatchedReads } from './tree-cache/batched-reads.ts';
import { Fetcher } from './tree-cache/fetcher.ts';
import { Limiter } from './tree-cache/limiter.ts';
import { Loader, type ZnodeClass } from './tree-cache/loader.ts';
import { OwnWrites, type OwnWrite, type PendingWrite } from './tree-cache/own-writes.ts';
import { Tree, type TreeChange, type TreeEntry } from './tree-cache/tree.ts';
import type { WatchEvent, WatchHandle, ZooKeeper } from './types.ts';

export type { ZnodeClass } from './tree-cache/loader.ts';
export type { OwnWrite, PendingWrite } from './tree-cache/own-writes.ts';
export type { TreeChange, TreeEntry } from './tree-cache/tree.ts';

export interface TreeCacheOptions {
  readonly client: ZooKeeper;
  /** Need not exist. Only its presence is kept. */
  readonly root: string;
  /**
   * What to keep of a znode, by its path relative to the root (`0000000042/lock`). Below a `skip`
   * everything must be `skip`.
   */
  readonly classify: (relativePath: string) => ZnodeClass;
  /**
   * The names below a znode where they are known beforehand; saves listing it while loading. Right
   * for a `data` znode if it has as many children; `[]` for a `presence` znode that has none ever.
   */
  readonly expectedChildren?: (relativePath: string) => readonly string[] | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
}

export interface PendingChanges {
  /** Events that may be of own writes, held back until the reply tells. */
  readonly held: number;
  /** Znodes that are being read. */
  readonly reads: number;
}

/** Reads in flight: enough to fill the connection, below the queue limit of the client. */
const MAX_READS = 500;

/** What belongs to the time between two losses of the connection. */
interface Generation {
  readonly controller: AbortController;
  readonly fetcher: Fetcher;
  readonly loader: Loader;
}

export class TreeCache {
  readonly #options: TreeCacheOptions;
  readonly #clock: Clock;
  readonly #tree: Tree;
  readonly #own = new OwnWrites();
  readonly #settledListeners = new Set<(path: string) => void>();
  readonly #currentListeners = new Set<(isCurrent: boolean) => void>();
  readonly #stopped = new AbortController();
  #watch: WatchHandle | undefined;
  #generation: Generation | undefined;
  #isCurrent = false;
  /** Loads that failed in a row. */
  #failures = 0;
  #unsubscribe: () => void = () => undefined;

  constructor(options: TreeCacheOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#tree = new Tree(options.log);
  }

  /** False before the first load, while the connection is lost and while the tree is read again. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** The data of a `data` znode. */
  get(path: string): TreeEntry | undefined {
    return this.#tree.get(path);
  }

  has(path: string): boolean {
    return this.#tree.has(path);
  }

  /** How much is known to have changed and is not in the cache yet. */
  get pending(): PendingChanges {
    return { held: this.#own.heldEvents, reads: this.#generation?.fetcher.size ?? 0 };
  }

  /**
   * Whether the znode is known to have changed since what the cache has of it: it is being read, or
   * the reply to an own write is awaited. The change is told then.
   */
  isBehind(path: string): boolean {
    return this.#own.isHolding(path) || (this.#generation?.fetcher.isBehind(path) ?? false);
  }

  /** The names of the cached znodes directly below. */
  children(path: string): readonly string[] {
    return this.#tree.children(path);
  }

  /** Called for each change, synchronously and in order; the answer ends it. */
  onChange(listener: (change: TreeChange) => void): () => void {
    return this.#tree.onChange(listener);
  }

  /**
   * Called with the path of each znode that is not behind any more, changed or not: whoever did not
   * act because of `isBehind` looks again. The answer ends it.
   */
  onSettled(listener: (path: string) => void): () => void {
    this.#settledListeners.add(listener);
    return () => {
      this.#settledListeners.delete(listener);
    };
  }

  /** Called whenever `isCurrent` changes; the answer ends it. */
  onCurrent(listener: (isCurrent: boolean) => void): () => void {
    this.#currentListeners.add(listener);
    return () => {
      this.#currentListeners.delete(listener);
    };
  }

  /**
   * Resolves when everything that is known at the call to have changed has been read. ZooKeeper tells of
   * a change before it shows anything newer; so after this the cache has all that was done before
   * whatever the caller had seen. Waits for own writes around which something changed, so not to be
   * called by what one of them waits for.
   */
  async caughtUp(signal: AbortSignal): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      await untilAborted(this.#own.newsReleased(), signal);
      await this.#untilCurrent(signal);
      try {
        await untilAborted(this.#generation?.fetcher.answered() ?? Promise.resolve(), signal);
        return;
      } catch {
        // The connection was lost, or a read failed: everything is being read again.
      }
    }
  }

  /** Resolves when the tree has been read for the first time. It stays current until `stop`. */
  async start(signal: AbortSignal): Promise<void> {
    const { client, root } = this.#options;
    this.#watch = await this.#addWatch(root, signal);
    const loaded = new Promise<void>((resolve) => {
      const forget = this.onCurrent(() => {
        forget();
        resolve();
      });
    });
    this.#unsubscribe = client.onState((state) => {
      if (state === 'connected') this.#reload();
      else this.#becomeStale();
    });
    if (client.state === 'connected') this.#reload();
    try {
      await untilAborted(loaded, signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends the watch. The content stays as it was. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopped.abort(new ZooKeeperError('ZK_CLOSED', 'the tree cache was stopped'));
    this.#becomeStale();
    const watch = this.#watch;
    this.#watch = undefined;
    await watch?.close().catch((error: unknown) => {
      this.#options.log.debug('a watch could not be removed', { error: messageOf(error) });
    });
  }

  /**
   * Runs own writes. `pending` names what they may touch: `paths`, and `createdUnder` for znodes
   * whose names the server chooses (their parents). `outcome` tells what a successful `run` wrote,
   * in order; that is in the cache, and told to listeners, before this resolves.
   */
  async write<T>(
    pending: PendingWrite,
    run: () => Promise<T>,
    outcome: (result: T) => readonly OwnWrite[],
  ): Promise<T> {
    const token = this.#own.begin(pending);
    const generation = this.#generation;
    let written: readonly OwnWrite[] | undefined;
    try {
      const result = await run();
      written = outcome(result);
      return result;
    } finally {
      const { puts, reads } = this.#own.end(token, written);
      if (this.#generation === generation)
        for (const { path, data, stat } of puts) this.#put(path, { data, stat });
      // After a reconnect deletions may have gone unseen: what was written is read again.
      else for (const { path } of puts) this.#read(path);
      for (const path of reads) this.#read(path);
      for (const path of pending.paths ?? []) this.#tellSettled(path);
    }
  }

  async #untilCurrent(signal: AbortSignal): Promise<void> {
    if (this.#isCurrent) return;
    let forget = (): void => undefined;
    const current = new Promise<void>((resolve) => {
      forget = this.onCurrent((isCurrent) => {
        if (isCurrent) resolve();
      });
    });
    await untilAborted(current, signal).finally(forget);
  }

  #tellSettled(path: string): void {
    if (this.isBehind(path)) return;
    for (const listener of this.#settledListeners) {
      try {
        listener(path);
      } catch (error) {
        this.#options.log.error('a listener of the cache failed', { path, error });
      }
    }
  }

  async #addWatch(root: string, signal: AbortSignal): Promise<WatchHandle> {
    const listener = (event: WatchEvent): void => {
      this.#onEvent(event);
    };
    for (let turn = 0; ; turn++) {
      throwIfAborted(signal);
      try {
        return await this.#options.client.addWatch(root, 'persistentRecursive', listener, {
          signal,
        });
      } catch (error) {
        if (signal.aborted || !hasLabel(error, 'retryable')) throw error;
      }
      await pause(this.#clock, turn, signal);
    }
  }

  #onEvent({ type, path }: WatchEvent): void {
    const generation = this.#generation;
    if (generation === undefined || type === 'childrenChanged') return;
    const kind = this.#classify(path);
    if (kind === 'skip') return;
    if (type !== 'dataChanged') {
      generation.loader.touched(path);
      generation.fetcher.touched(path);
    }
    if (type === 'deleted') {
      this.#own.deleted(path);
      this.#tree.remove(path);
      return;
    }
    // A new znode has nothing below it: what we know there is of an earlier one.
    if (type === 'created') this.#tree.removeBelow(path);
    if (kind === 'presence') this.#tree.putPresence(path);
    else if (!this.#own.hold(path, type === 'created')) this.#read(path);
  }

  #put(path: string, entry: TreeEntry): void {
    const kind = this.#classify(path);
    if (kind === 'data') this.#tree.putData(path, entry);
    else if (kind === 'presence') this.#tree.putPresence(path);
  }

  /** Reads one znode in the background. */
  #read(path: string): void {
    const generation = this.#generation;
    if (generation === undefined || this.#classify(path) !== 'data') return;
    const settled = (): void => {
      this.#tellSettled(path);
    };
    generation.fetcher.fetch(path).then(settled, (error: unknown) => {
      if (generation.controller.signal.aborted) return;
      this.#options.log.warn('a znode could not be read; the cache is loaded again', {
        path,
        error: messageOf(error),
      });
      this.#reloadLater();
    });
  }

  #becomeStale(): void {
    this.#generation?.controller.abort(new ZooKeeperError('ZK_CONNECTION_LOSS', 'load abandoned'));
    this.#generation = undefined;
    this.#own.forgetEvents();
    this.#setCurrent(false);
  }

  #reload(): void {
    this.#becomeStale();
    if (this.#stopped.signal.aborted) return;
    const generation = this.#newGeneration();
    const { signal } = generation.controller;
    this.#generation = generation;
    this.#load(generation.loader).then(
      () => {
        if (signal.aborted) return;
        this.#failures = 0;
        this.#setCurrent(true);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#options.log.warn('the tree could not be loaded; trying again', {
          root: this.#options.root,
          error: messageOf(error),
        });
        this.#reloadLater();
      },
    );
  }

  async #load(loader: Loader): Promise<void> {
    const { client, root } = this.#options;
    // The server of a new session may lag behind what we know already. Costs no round trip.
    await Promise.all([client.sync(root), loader.load(root)]);
  }

  /** Loads again after a pause, unless a reconnect comes first. */
  #reloadLater(): void {
    this.#becomeStale();
    const waiting = this.#newGeneration();
    const { signal } = waiting.controller;
    this.#generation = waiting;
    void pause(this.#clock, this.#failures++, signal).then(() => {
      if (!signal.aborted) this.#reload();
    });
  }

  #newGeneration(): Generation {
    const { client } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    const tree = this.#tree;
    const reads = new BatchedReads(client);
    const limiter = new Limiter(MAX_READS);
    const fetcher = new Fetcher({ reads, tree, limiter, signal });
    const loader = new Loader({
      ...{ reads, tree, fetcher, limiter, signal },
      classify: (path) => this.#classify(path),
      expectedChildren: (path) => this.#options.expectedChildren?.(this.#relative(path)),
    });
    return { controller, fetcher, loader };
  }

  #classify(path: string): ZnodeClass {
    return path === this.#options.root ? 'presence' : this.#options.classify(this.#relative(path));
  }

  #relative(path: string): string {
    const { root } = this.#options;
    return path.slice(root === '/' ? 1 : root.length + 1);
  }

  #setCurrent(isCurrent: boolean): void {
    if (this.#isCurrent === isCurrent) return;
    this.#isCurrent = isCurrent;
    for (const listener of this.#currentListeners) {
      try {
        listener(isCurrent);
      } catch (error) {
        this.#options.log.error('a listener of the tree cache failed', { error: messageOf(error) });
      }
    }
  }
}
