/**
 * Counts the contenders of each record's lock from the same tree cache that holds the records. Costs
 * no round trip; being told of a lock's end is what lets the launcher act at once on a used node.
 */
import type { TreeCache } from '../zookeeper/tree-cache.ts';

export class LockWatch {
  /** Of the locks that somebody holds or wants. Asked for often, for every node in one go. */
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Set<(id: string, contenders: number) => void>();

  constructor(tree: TreeCache, root: string) {
    const start = root.length + 1;
    tree.onChange((change) => {
      const slash = change.path.indexOf('/', start);
      if (slash < 0 || !change.path.includes('/', slash + 1)) return;
      const id = change.path.slice(start, slash);
      if (!change.path.startsWith('/lock/', slash)) return;
      const count = tree.children(`${root}/${id}/lock`).length;
      if (count === 0) this.#counts.delete(id);
      else this.#counts.set(id, count);
      for (const listener of this.#listeners) listener(id, count);
    });
  }

  contenders(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  onChange(listener: (id: string, contenders: number) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
