/**
 * Everything that Nodepool keeps in ZooKeeper, as one object: typed, cached, fenced.
 */
import type { Clock } from '../base/clock.ts';
import { hasLabel } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { sleep, throwIfAborted } from '../base/wait.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import { ComponentStore } from './components.ts';
import { DrainStore } from './drains.ts';
import { ImageStore } from './images.ts';
import { Loans } from './loans.ts';
import { NodeStore } from './nodes.ts';
import { NODES, REQUEST_LOCKS, REQUESTS } from './paths.ts';
import { RequestStore } from './requests.ts';
import { Transaction } from './transaction.ts';
import { Usage } from './usage.ts';

/** Between two tries to make the places of all records. */
const ROOTS_RETRY_MS = 500;

export class Store {
  readonly client: ZooKeeper;
  readonly requests: RequestStore;
  readonly nodes: NodeStore;
  readonly components: ComponentStore;
  readonly images: ImageStore;
  readonly drains: DrainStore;
  readonly usage: Usage;
  readonly loans: Loans;
  readonly #clock: Clock;
  readonly #listeners = new Set<(isCurrent: boolean) => void>();
  #wasCurrent = false;

  constructor(options: { client: ZooKeeper; clock: Clock; log: Logger }) {
    const log = options.log.named('nodepool.zk.cache');
    this.client = options.client;
    this.#clock = options.clock;
    this.requests = new RequestStore(options.client, log);
    this.nodes = new NodeStore(options.client, log);
    this.components = new ComponentStore(options.client, options.clock, log);
    this.images = new ImageStore(options.client, log);
    this.drains = new DrainStore(options.client, log);
    this.usage = new Usage(this.nodes.cache);
    this.loans = new Loans({
      client: options.client,
      nodes: this.nodes,
      clock: options.clock,
      log,
    });
  }

  /**
   * Reads everything once; resolves when all caches are current. A connection that is lost meanwhile
   * only takes time.
   */
  async start(signal: AbortSignal): Promise<void> {
    await this.#ensureRoots(signal);
    for (const tree of this.#trees()) {
      tree.onCurrent(() => {
        this.#tell();
      });
    }
    await Promise.all(this.#trees().map((tree) => tree.start(signal)));
    this.#tell();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#trees().map((tree) => tree.stop()));
  }

  /** Whether the caches tell the truth of now. While not, nobody decides. */
  get isCurrent(): boolean {
    return this.client.state === 'connected' && this.#trees().every((tree) => tree.isCurrent);
  }

  /** Told when `isCurrent` changes. */
  onCurrent(listener: (isCurrent: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  transaction(): Transaction {
    return new Transaction(this.client);
  }

  async #ensureRoots(signal: AbortSignal): Promise<void> {
    const roots = [REQUESTS, REQUEST_LOCKS, NODES];
    for (;;) {
      try {
        await Promise.all([
          ...roots.map((path) => this.client.ensurePath(path, { signal })),
          this.components.ensureRoots(signal),
        ]);
        return;
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous')) throw error;
      }
      await sleep(this.#clock, ROOTS_RETRY_MS, signal);
    }
  }

  #tell(): void {
    const isCurrent = this.isCurrent;
    if (isCurrent === this.#wasCurrent) return;
    this.#wasCurrent = isCurrent;
    for (const listener of this.#listeners) listener(isCurrent);
  }

  #trees(): NodeStore['cache']['tree'][] {
    return [
      this.requests.cache.tree,
      this.nodes.cache.tree,
      this.components.cache.tree,
      this.images.tree,
      this.drains.tree,
    ];
  }
}
