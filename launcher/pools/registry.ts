/**
 * Who is online, in the words of the decision: made from the registered components when they change.
 */
import type { ComponentStore } from '../../shared/store/components.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';

export class PoolRegistry {
  readonly #components: ComponentStore;
  #pools: readonly RegisteredPool[] | undefined;

  constructor(components: ComponentStore) {
    this.#components = components;
    components.cache.onChange(() => {
      this.#pools = undefined;
    });
  }

  all(): readonly RegisteredPool[] {
    this.#pools ??= this.#components.ofKind('pool').flatMap(({ record }) =>
      record.id === undefined
        ? []
        : [
            {
              id: record.id,
              provider: record.provider_name ?? '',
              labels: new Set(record.supported_labels ?? []),
              priority: record.priority ?? 100,
              isPaused: record.paused ?? false,
            },
          ],
    );
    return this.#pools;
  }

  ids(): string[] {
    return this.all().map((pool) => pool.id);
  }

  isOnline(id: string): boolean {
    return this.all().some((pool) => pool.id === id);
  }
}
