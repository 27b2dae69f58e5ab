/**
 * The copy itself: which znodes exist, what they hold, who is below whom. Every change is told to
 * the listeners, after it was made and in order.
 */
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { childOf, nameOf, parentOf } from '../paths.ts';
import type { Stat } from '../types.ts';

/** A znode with data. The stat is that of the last read or own write. */
export interface TreeEntry {
  readonly data: Buffer;
  readonly stat: Stat;
}

export interface TreeChange {
  readonly path: string;
  readonly kind: 'put' | 'removed';
  /** Of a `put`, unless only the presence is kept. */
  readonly data?: Buffer;
  readonly stat?: Stat;
}

const NO_NAMES: readonly string[] = [];

export class Tree {
  /** Undefined: only the presence is known. */
  readonly #entries = new Map<string, TreeEntry | undefined>();
  /** The names below each path that lead to known znodes. */
  readonly #names = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: TreeChange) => void>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  get(path: string): TreeEntry | undefined {
    return this.#entries.get(path);
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** The names of the known znodes directly below. */
  children(path: string): readonly string[] {
    return this.branches(path).filter((name) => this.#entries.has(childOf(path, name)));
  }

  /** As `children`, with those that are not known themselves but have known znodes below. */
  branches(path: string): readonly string[] {
    const names = this.#names.get(path);
    return names === undefined ? NO_NAMES : [...names];
  }

  onChange(listener: (change: TreeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  putPresence(path: string): void {
    if (this.#entries.has(path)) return;
    this.#set(path, undefined);
    this.#tell({ path, kind: 'put' });
  }

  /** Takes over data unless what is there is newer. The same data again only renews the stat. */
  putData(path: string, entry: TreeEntry): void {
    const known = this.#entries.get(path)?.stat.mzxid;
    if (known !== undefined && known > entry.stat.mzxid) return;
    if (known !== undefined && known === entry.stat.mzxid) {
      const data = this.#entries.get(path)?.data ?? entry.data;
      this.#entries.set(path, { data, stat: entry.stat });
      return;
    }
    this.#set(path, entry);
    this.#tell({ path, kind: 'put', data: entry.data, stat: entry.stat });
  }

  /** Removes the znode with all below it, the lowest first. */
  remove(path: string): void {
    this.removeBelow(path);
    if (!this.#entries.delete(path)) return;
    this.#unlink(path);
    this.#tell({ path, kind: 'removed' });
  }

  removeBelow(path: string): void {
    for (const name of this.branches(path)) this.remove(childOf(path, name));
  }

  #set(path: string, entry: TreeEntry | undefined): void {
    this.#entries.set(path, entry);
    this.#link(path);
  }

  /** Makes the path reachable from above: an event may tell of a child before its parent is read. */
  #link(path: string): void {
    for (let below = path; below !== '/'; below = parentOf(below)) {
      const parent = parentOf(below);
      const names = this.#names.get(parent);
      if (names?.has(nameOf(below))) return;
      if (names === undefined) this.#names.set(parent, new Set([nameOf(below)]));
      else names.add(nameOf(below));
    }
  }

  #unlink(path: string): void {
    for (let below = path; below !== '/'; below = parentOf(below)) {
      if (this.#entries.has(below) || this.#names.has(below)) return;
      const parent = parentOf(below);
      const names = this.#names.get(parent);
      names?.delete(nameOf(below));
      if (names?.size === 0) this.#names.delete(parent);
    }
  }

  #tell(change: TreeChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#log.error('a listener of the tree cache failed', {
          path: change.path,
          error: messageOf(error),
        });
      }
    }
  }
}
