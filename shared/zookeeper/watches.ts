/**
 * Which watches there are, who hears of what, and how the persistent ones are set again.
 *
 * A watch for once ends with its event or with its connection; on a path that has a persistent
 * watch of this client as well, servers before 3.10 mix the two up.
 * One path has one mode at a time: servers before 3.10 keep but one mode a path and connection, so
 * the second would silently replace the first. Listeners are called in the order of the events, and
 * one that throws harms neither the others nor the connection.
 */
import { ZooKeeperError } from '../base/errors.ts';
import { parentOf } from './paths.ts';
import { eventTypes } from './protocol.ts';
import type { ServerEvent, WatchSets } from './protocol.ts';
import type { WatchEvent, WatchMode } from './types.ts';

type Listener = (event: WatchEvent) => void;
export type OnceListener = (event: WatchEvent | undefined) => void;

/** The watch of one path; several callers may share it. */
export interface Watch {
  readonly path: string;
  readonly mode: WatchMode;
  readonly listeners: Set<Listener>;
  /** Settles when the server has the watch. */
  ready: Promise<void> | undefined;
}

/** Java's client cuts its packets at this size, so every server takes it. */
const CHUNK_BYTES = 128 * 1024;
const PATH_OVERHEAD_BYTES = 4;

export class Watches {
  readonly #byPath = new Map<string, Watch>();
  readonly #once = new Map<string, Set<OnceListener>>();
  readonly #relative: (path: string) => string;
  readonly #onListenerError: (error: unknown) => void;
  #recursive = 0;

  constructor(options: {
    relative: (path: string) => string;
    onListenerError: (error: unknown) => void;
  }) {
    this.#relative = options.relative;
    this.#onListenerError = options.onListenerError;
  }

  /** Paths are absolute on the server. */
  add(path: string, mode: WatchMode, listener: Listener): Watch {
    let watch = this.#byPath.get(path);
    if (watch && watch.mode !== mode) {
      throw new ZooKeeperError('ZK_BAD_ARGUMENTS', `${path} has a ${watch.mode} watch already`);
    }
    if (!watch) {
      watch = { path, mode, listeners: new Set(), ready: undefined };
      this.#byPath.set(path, watch);
      if (mode === 'persistentRecursive') this.#recursive++;
    }
    watch.listeners.add(listener);
    return watch;
  }

  /** Whether that was the last listener, so that the server may forget the watch. */
  remove(watch: Watch, listener: Listener): boolean {
    if (!watch.listeners.delete(listener) || watch.listeners.size > 0) return false;
    if (this.#byPath.get(watch.path) !== watch) return false;
    this.#byPath.delete(watch.path);
    if (watch.mode === 'persistentRecursive') this.#recursive--;
    return true;
  }

  /** Hears of the next change or deletion of the znode, or of the end of the connection. */
  addOnce(path: string, listener: OnceListener): void {
    const known = this.#once.get(path);
    if (known) known.add(listener);
    else this.#once.set(path, new Set([listener]));
  }

  /** No server tells the watches for once anything more. */
  endOnce(): void {
    const sets = [...this.#once.values()];
    this.#once.clear();
    for (const listeners of sets) this.#tell(listeners, undefined);
  }

  dispatch(event: ServerEvent): void {
    const type = (eventTypes as ReadonlyMap<number, WatchEvent['type']>).get(event.type);
    if (type === undefined) return;
    const told: WatchEvent = { type, path: this.#relative(event.path) };
    const own = this.#byPath.get(event.path);
    if (own && (own.mode === 'persistent' || type !== 'childrenChanged')) {
      this.#tell(own.listeners, told);
    }
    if (this.#once.size > 0 && (type === 'dataChanged' || type === 'deleted')) {
      this.#dispatchOnce(event.path, told);
    }
    if (this.#recursive === 0 || type === 'childrenChanged') return;
    for (let path = event.path; path !== '/';) {
      path = parentOf(path);
      const above = this.#byPath.get(path);
      if (above?.mode === 'persistentRecursive') this.#tell(above.listeners, told);
    }
  }

  /** All watches, in portions that fit a packet. */
  *portions(): Generator<WatchSets> {
    let persistent: string[] = [];
    let recursive: string[] = [];
    let bytes = 0;
    for (const { path, mode } of this.#byPath.values()) {
      const size = Buffer.byteLength(path) + PATH_OVERHEAD_BYTES;
      if (bytes > 0 && bytes + size > CHUNK_BYTES) {
        yield { persistent, recursive };
        persistent = [];
        recursive = [];
        bytes = 0;
      }
      (mode === 'persistent' ? persistent : recursive).push(path);
      bytes += size;
    }
    if (bytes > 0) yield { persistent, recursive };
  }

  #dispatchOnce(path: string, event: WatchEvent): void {
    const listeners = this.#once.get(path);
    if (!listeners) return;
    this.#once.delete(path);
    this.#tell(listeners, event);
  }

  #tell<E>(listeners: Iterable<(event: E) => void>, event: E): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
