/**
 * The records of one kind in memory, kept current by a tree cache. Records are immutable: a change
 * replaces the entry. A znode that holds no record of its kind is reported once for each content and
 * is then as good as absent.
 *
 * Reads never cost a round trip. While `isCurrent` is false (no connection, reloading) the content may
 * be old: nobody decides then.
 */
import type { z } from 'zod';

import type { Logger } from '../base/log.ts';
import type { TreeCache } from '../zookeeper/tree-cache.ts';
import type { Stat } from '../zookeeper/types.ts';
import { decode, encode } from './codec.ts';
import { idOf } from './paths.ts';

/** A record with what ZooKeeper says of its znode. */
export interface Stored<R> {
  readonly id: string;
  readonly path: string;
  readonly record: R;
  /** Of the data: the condition of the next write. */
  readonly version: number;
  /** Creation, in milliseconds since 1970 by the server's clock. */
  readonly ctimeMs: number;
}

export interface RecordChange<R> {
  readonly id: string;
  readonly path: string;
  /** Undefined: was not there before. */
  readonly before: Stored<R> | undefined;
  /** Undefined: is gone. */
  readonly after: Stored<R> | undefined;
}

export interface RecordCacheOptions {
  readonly tree: TreeCache;
  /** Accepts every valid record of the kind. */
  readonly schema: z.ZodType;
  /** Which paths hold records. */
  readonly isRecord: (path: string) => boolean;
  /** The key of a path; its last part by default. */
  readonly keyOf?: (path: string) => string;
  readonly log: Logger;
}

export class RecordCache<R extends object> {
  readonly tree: TreeCache;
  readonly #options: RecordCacheOptions;
  readonly #keyOf: (path: string) => string;
  readonly #entries = new Map<string, Stored<R>>();
  readonly #listeners = new Set<(change: RecordChange<R>) => void>();
  /** What we wrote ourselves, so that it need not be parsed again. */
  readonly #written = new WeakMap<Uint8Array, R>();
  /** Corrupt or empty znodes, with the transaction that made them so. */
  readonly #unreadable = new Map<string, bigint>();

  constructor(options: RecordCacheOptions) {
    this.tree = options.tree;
    this.#options = options;
    this.#keyOf = options.keyOf ?? idOf;
    this.tree.onChange((change) => {
      if (!options.isRecord(change.path)) return;
      if (change.kind === 'removed') this.#remove(change.path);
      else if (change.data && change.stat) this.#put(change.path, change.data, change.stat);
    });
  }

  get(id: string): Stored<R> | undefined {
    return this.#entries.get(id);
  }

  values(): IterableIterator<Stored<R>> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Paths whose znodes hold no record of this kind. */
  unreadablePaths(): IterableIterator<string> {
    return this.#unreadable.keys();
  }

  /** Called for each change, in order; the answer ends it. */
  onChange(listener: (change: RecordChange<R>) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The bytes of a record that is about to be written by us. */
  encode(record: R): Buffer {
    const data = encode(record);
    this.#written.set(data, record);
    return data;
  }

  #put(path: string, data: Buffer, stat: Stat): void {
    const id = this.#keyOf(path);
    const before = this.#entries.get(id);
    const record = this.#written.get(data) ?? this.#parse(path, data, stat);
    if (record === undefined) {
      this.#remove(path, stat.mzxid);
      return;
    }
    this.#unreadable.delete(path);
    const after: Stored<R> = { id, path, record, version: stat.version, ctimeMs: stat.ctime };
    this.#entries.set(id, after);
    this.#tell({ id, path, before, after });
  }

  #parse(path: string, data: Buffer, stat: Stat): R | undefined {
    const decoded = decode<R>(this.#options.schema, data);
    if (decoded.ok) return decoded.record;
    const known = this.#unreadable.get(path);
    this.#unreadable.set(path, stat.mzxid);
    if (known !== stat.mzxid && data.length > 0) {
      this.#options.log.warn('znode holds no record of its kind; skipped', {
        code: 'NP_RECORD_CORRUPT',
        path,
        reason: decoded.reason,
      });
    }
    return undefined;
  }

  #remove(path: string, unreadableSince?: bigint): void {
    if (unreadableSince === undefined) this.#unreadable.delete(path);
    const id = this.#keyOf(path);
    const before = this.#entries.get(id);
    if (!before) return;
    this.#entries.delete(id);
    this.#tell({ id, path, before, after: undefined });
  }

  #tell(change: RecordChange<R>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#options.log.error('a listener of the cache failed', { path: change.path, error });
      }
    }
  }
}
