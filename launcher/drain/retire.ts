/**
 * Lets the ready nodes of drained providers go that nobody has asked for. Hosts of an inventory are
 * withdrawn by their own keeper.
 *
 * As with deletions, one launcher acts on a node: the one that made it, or the one that a hash chooses.
 * Nodes of a Python launcher that is online are left to it.
 */
import type { StoredNode } from '../../shared/store/nodes.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import type { Context } from '../context.ts';
import { isResponsible } from '../nodes/responsible.ts';
import type { Pools } from '../pools/pools.ts';
import { markForDeletion } from '../upkeep/node-ages.ts';

export interface RetirerOptions {
  readonly context: Context;
  readonly pools: Pick<Pools, 'ofProvider'>;
  readonly registered: () => readonly RegisteredPool[];
  readonly ownPools: () => ReadonlySet<string>;
  /** Ids of ready nodes that a request of this process is about to take. */
  readonly claimed: ReadonlySet<string>;
}

export class Retirer {
  readonly #options: RetirerOptions;
  readonly #context: Context;
  readonly #running = new Set<string>();

  constructor(options: RetirerOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** A node or its lock has changed. */
  consider(node: StoredNode): void {
    const { registered, ownPools } = this.#options;
    if (!this.#isDue(node) || !isResponsible(node, registered(), ownPools())) return;
    if (this.#running.has(node.id) || !this.#context.store.isCurrent) return;
    this.#running.add(node.id);
    const work = markForDeletion(this.#context, node, 'its provider is drained').finally(() => {
      this.#running.delete(node.id);
    });
    this.#context.supervise('let a node of a drained provider go', work);
  }

  /** Considers all nodes; costs nothing while no provider is drained. */
  considerAll(): void {
    const { drains, nodes } = this.#context.store;
    if (!drains.all().some(({ kind }) => kind === 'provider')) return;
    for (const node of [...nodes.cache.values()]) this.consider(node);
  }

  #isDue({ id, path, record }: StoredNode): boolean {
    const { drains, nodes } = this.#context.store;
    const { provider, state, allocated_to } = record;
    if (provider === null || state !== 'ready' || allocated_to !== null) return false;
    if (!drains.isDrained('provider', provider)) return false;
    const [pool] = this.#options.pools.ofProvider(provider);
    if (!pool || pool.provider.connection.inventory) return false;
    // A node that is being read again is looked at when the answer is there.
    return (
      !this.#options.claimed.has(id) && !nodes.isLocked(id) && !nodes.cache.tree.isBehind(path)
    );
  }
}
