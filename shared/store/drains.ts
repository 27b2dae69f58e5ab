/**
 * What operators drain: providers and launchers that take nothing new, as ZooKeeper has it, in memory.
 * One who drains wants it whatever his znode holds, so its presence counts, also where it is corrupt.
 */
import { drainSchema, type DrainKind, type DrainRecord } from '../../schemas/records/drain.ts';
import type { Logger } from '../base/log.ts';
import { TreeCache } from '../zookeeper/tree-cache.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import { decode } from './codec.ts';
import { DRAINS, parseDrainPath } from './paths.ts';

export interface Drain {
  readonly kind: DrainKind;
  readonly name: string;
  /** Undefined: the znode holds no such record. */
  readonly record: DrainRecord | undefined;
}

export interface DrainChange {
  readonly kind: DrainKind;
  readonly name: string;
  /** Undefined: it was not drained. */
  readonly before: Drain | undefined;
  /** Undefined: it is not drained any more. */
  readonly after: Drain | undefined;
}

export class DrainStore {
  readonly tree: TreeCache;
  readonly #log: Logger;
  readonly #drains: Readonly<Record<DrainKind, Map<string, Drain>>> = {
    provider: new Map(),
    launcher: new Map(),
  };
  readonly #listeners = new Set<(change: DrainChange) => void>();

  constructor(client: ZooKeeper, log: Logger) {
    this.#log = log;
    const depth = (relative: string): number => relative.split('/').length;
    this.tree = new TreeCache({
      ...{ client, root: DRAINS, log },
      classify: (relative) =>
        depth(relative) === 2 ? 'data' : depth(relative) < 2 ? 'presence' : 'skip',
      expectedChildren: (relative) => (depth(relative) === 2 ? [] : undefined),
    });
    this.tree.onChange(({ path, kind, data }) => {
      const key = parseDrainPath(path);
      if (!key) return;
      if (kind === 'removed') this.#remove(key.kind, key.name);
      else this.#put({ ...key, record: this.#read(path, data) });
    });
  }

  isDrained(kind: DrainKind, name: string): boolean {
    return this.#drains[kind].has(name);
  }

  get(kind: DrainKind, name: string): Drain | undefined {
    return this.#drains[kind].get(name);
  }

  /** Providers first. */
  all(): Drain[] {
    return [...this.#drains.provider.values(), ...this.#drains.launcher.values()];
  }

  /** Told in order of what is drained, or is not any more; the answer ends it. */
  onChange(listener: (change: DrainChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #read(path: string, data: Buffer | undefined): DrainRecord | undefined {
    const decoded = decode<DrainRecord>(drainSchema, data ?? Buffer.alloc(0));
    if (decoded.ok) return decoded.record;
    this.#log.warn('a drain says nothing that can be read; it counts all the same', {
      ...{ code: 'NP_RECORD_CORRUPT', path, reason: decoded.reason },
    });
    return undefined;
  }

  #put(drain: Drain): void {
    const { kind, name } = drain;
    const before = this.#drains[kind].get(name);
    this.#drains[kind].set(name, drain);
    this.#tell({ kind, name, before, after: drain });
  }

  #remove(kind: DrainKind, name: string): void {
    const before = this.#drains[kind].get(name);
    this.#drains[kind].delete(name);
    if (before) this.#tell({ kind, name, before, after: undefined });
  }

  #tell(change: DrainChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#log.error('a listener of the drains failed', { name: change.name, error });
      }
    }
  }
}
