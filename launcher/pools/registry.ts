/**
 * Who is online, in the words of the decision: follows the registered components one by one, so that
 * a change costs the same whether ten pools are online or a thousand.
 */
import type { ComponentRecord } from '../../schemas/records/component.ts';
import type { ComponentStore } from '../../shared/store/components.ts';
import type { DrainStore } from '../../shared/store/drains.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';

type Pools = Map<string, RegisteredPool>;

const NOBODY: readonly RegisteredPool[] = [];

export class PoolRegistry {
  /** By the entry's path below the registry's root: an id may be there twice for a moment. */
  readonly #pools: Pools = new Map();
  readonly #byLabel = new Map<string, Pools>();
  readonly #entriesOfId = new Map<string, number>();
  #all: readonly RegisteredPool[] | undefined;

  readonly #drains: Pick<DrainStore, 'isDrained'>;

  constructor(components: ComponentStore, drains: Pick<DrainStore, 'isDrained' | 'onChange'>) {
    this.#drains = drains;
    const putAll = (): void => {
      for (const { id, record } of components.ofKind('pool')) this.#put(id, record);
    };
    putAll();
    components.cache.onChange(({ id, after }) => {
      this.#put(id, after?.record);
    });
    drains.onChange(putAll);
  }

  /** The same list while nothing changes. */
  all(): readonly RegisteredPool[] {
    this.#all ??= [...this.#pools.values()];
    return this.#all;
  }

  /** Pools that have all of the labels. */
  withLabels(labels: readonly string[]): readonly RegisteredPool[] {
    const [first] = labels;
    if (first === undefined) return this.all();
    const pools = this.#byLabel.get(first);
    if (!pools) return NOBODY;
    return [...pools.values()].filter((pool) => labels.every((label) => pool.labels.has(label)));
  }

  ids(): string[] {
    return this.all().map((pool) => pool.id);
  }

  isOnline(id: string): boolean {
    return this.#entriesOfId.has(id);
  }

  #put(key: string, record: ComponentRecord | undefined): void {
    this.#remove(key);
    if (record?.kind !== 'pool' || record.id === undefined) return;
    const pool: RegisteredPool = {
      id: record.id,
      provider: record.provider_name ?? '',
      labels: new Set(record.supported_labels ?? []),
      priority: record.priority ?? 100,
      isPaused: record.paused ?? false,
      isDrained:
        this.#drains.isDrained('provider', record.provider_name ?? '') ||
        this.#drains.isDrained('launcher', record.hostname),
    };
    this.#all = undefined;
    this.#pools.set(key, pool);
    this.#entriesOfId.set(pool.id, (this.#entriesOfId.get(pool.id) ?? 0) + 1);
    for (const label of pool.labels) {
      const pools = this.#byLabel.get(label);
      if (pools) pools.set(key, pool);
      else this.#byLabel.set(label, new Map([[key, pool]]));
    }
  }

  #remove(key: string): void {
    const pool = this.#pools.get(key);
    if (!pool) return;
    this.#all = undefined;
    this.#pools.delete(key);
    const left = (this.#entriesOfId.get(pool.id) ?? 1) - 1;
    if (left > 0) this.#entriesOfId.set(pool.id, left);
    else this.#entriesOfId.delete(pool.id);
    for (const label of pool.labels) {
      const pools = this.#byLabel.get(label);
      pools?.delete(key);
      if (pools?.size === 0) this.#byLabel.delete(label);
    }
  }
}
