/**
 * Frees ready nodes whose request is gone, so that others can have them: builds that Zuul gave up,
 * standby nodes that have just been made.
 *
 * Zuul locks a node before it deletes the request, so a node that is locked is in good hands: it is
 * looked at again when the lock ends.
 */
import type { StoredNode } from '../../shared/store/nodes.ts';
import { requestPath } from '../../shared/store/paths.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import type { Context } from '../context.ts';
import { isResponsible } from './responsible.ts';

export interface FreerOptions {
  readonly context: Context;
  readonly registered: () => readonly RegisteredPool[];
  readonly ownPools: () => ReadonlySet<string>;
}

export class NodeFreer {
  readonly #options: FreerOptions;
  readonly #context: Context;
  readonly #running = new Set<string>();

  constructor(options: FreerOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** A node or its lock has changed. */
  consider(node: StoredNode): void {
    const { registered, ownPools } = this.#options;
    if (this.#isStale(node) && isResponsible(node, registered(), ownPools())) this.#start(node);
  }

  requestGone(id: string): void {
    for (const node of [...this.#context.store.usage.reservedFor(id)]) {
      const stored = this.#context.store.nodes.get(node);
      if (stored) this.consider(stored);
    }
  }

  /** Looks at all reserved nodes, whoever should care for them. */
  sweep(): void {
    for (const request of [...this.#context.store.usage.reservingRequests()]) {
      if (this.#context.store.requests.get(request)) continue;
      for (const id of [...this.#context.store.usage.reservedFor(request)]) {
        const node = this.#context.store.nodes.get(id);
        if (node && this.#isStale(node)) this.#start(node);
      }
    }
  }

  #isStale(node: StoredNode): boolean {
    const { state, allocated_to } = node.record;
    return (
      state === 'ready' &&
      allocated_to !== null &&
      this.#context.store.requests.get(allocated_to) === undefined &&
      !this.#context.store.nodes.isLocked(node.id) &&
      !this.#context.store.nodes.cache.tree.isBehind(node.path)
    );
  }

  #start(node: StoredNode): void {
    if (this.#running.has(node.id) || !this.#context.store.isCurrent) return;
    this.#running.add(node.id);
    const work = this.#free(node).finally(() => {
      this.#running.delete(node.id);
    });
    this.#context.supervise('free a node', work);
  }

  async #free(stored: StoredNode): Promise<void> {
    const { store } = this.#context;
    const request = stored.record.allocated_to ?? '';
    // The caches of nodes and requests may be a moment apart; a node is never taken from a request.
    if (await store.client.exists(requestPath(request))) return;
    const node = await store.nodes.take(stored, { allocated_to: null });
    if (!node) return;
    await node.release();
    this.#context.log.info('node freed: its request is gone', { node: stored.id, request });
  }
}
