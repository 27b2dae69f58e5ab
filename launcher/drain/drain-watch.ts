/**
 * What follows when somebody drains a provider or this launcher, or ends that: pools say so in the
 * registry, requests that wait for room go back so that others may serve them, unused nodes go.
 *
 *   running -> draining -> drained     (the launcher's own entry in the registry)
 *      ^          |           |
 *      +----------+-----------+
 *
 * A launcher is drained when it serves no request any more. It goes on deleting nodes: whoever stops it
 * then leaves nothing undone, since its deletions are awaited, and any launcher goes on with the rest.
 */
import type { Registration } from '../../shared/store/components.ts';
import type { DrainChange } from '../../shared/store/drains.ts';
import type { Assigner } from '../assignment/assigner.ts';
import type { Context } from '../context.ts';
import type { InventorySync } from '../inventory/inventory-sync.ts';
import { DRAINING, type Pool } from '../pools/pool.ts';
import type { Pools } from '../pools/pools.ts';
import type { Serving } from '../requests/serving.ts';
import type { StockKeeper } from '../stock/stock-keeper.ts';
import type { Retirer } from './retire.ts';

/** What a launcher says in the registry that can be stopped. */
const DRAINED = 'drained';

export interface DrainWatchOptions {
  readonly context: Context;
  readonly hostname: string;
  readonly pools: Pools;
  readonly serving: Serving;
  readonly assigner: Assigner;
  readonly stock: StockKeeper;
  readonly retirer: Retirer;
  readonly inventories: ReadonlyMap<string, InventorySync>;
}

export class DrainWatch {
  readonly #options: DrainWatchOptions;
  #registration: Registration | undefined;
  #isDrained = false;

  constructor(options: DrainWatchOptions) {
    this.#options = options;
    options.context.store.drains.onChange((change) => {
      this.#changed(change);
    });
  }

  /** Whether this launcher takes nothing new. */
  get isDraining(): boolean {
    const { context, hostname } = this.#options;
    return context.store.drains.isDrained('launcher', hostname);
  }

  /** Of the launcher's entry in the registry. */
  get state(): 'running' | typeof DRAINING | typeof DRAINED {
    if (!this.isDraining) return 'running';
    return this.#isDrained ? DRAINED : DRAINING;
  }

  /** Keeps the launcher's entry in the registry true from now on. */
  announceIn(registration: Registration): void {
    this.#registration = registration;
    this.servingChanged();
  }

  /** A request is not served any more. */
  servingChanged(): void {
    const { context, serving } = this.#options;
    const was = this.#isDrained;
    // It stays so while nothing new is taken.
    this.#isDrained = this.isDraining && (was || serving.isIdle);
    if (this.#isDrained && !was) context.log.info('drained: it serves nothing, and can be stopped');
    this.#registration?.update({ state: this.state });
  }

  #changed(change: DrainChange): void {
    const { pools, serving, assigner, stock, retirer, inventories } = this.#options;
    this.#log(change);
    const { kind, name, after } = change;
    for (const pool of this.#concerned(change)) {
      pool.drainChanged();
      if (after) serving.giveBack(pool, `${kind} ${name} is drained`);
      // What could not be had before may be tried at once.
      else stock.roomCame(pool.config.labels.keys());
    }
    if (kind === 'provider') {
      inventories.get(name)?.changed();
      if (after && pools.ofProvider(name).length > 0) retirer.considerAll();
    }
    assigner.everythingChanged();
    stock.changed();
    this.servingChanged();
  }

  /** Own pools that take nothing new, or do again. */
  #concerned({ kind, name }: DrainChange): readonly Pool[] {
    const { pools, hostname } = this.#options;
    if (kind === 'provider') return pools.ofProvider(name);
    return name === hostname ? [...pools.all()] : [];
  }

  #log({ kind, name, before, after }: DrainChange): void {
    if ((before === undefined) === (after === undefined)) return;
    const { log } = this.#options.context;
    const fields = { [kind]: name };
    if (!after) log.info('not drained any more', fields);
    else log.info('drained: takes nothing new', { ...fields, ...after.record });
  }
}
