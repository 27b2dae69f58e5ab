/**
 * Reads a whole tree while it changes. The watch runs already, so every change is also told by an
 * event; what an event said about a name while its parent was being read is newer than the answer
 * and stands. Known znodes that are not there any more are removed.
 */
import { isNoNode } from '../errors.ts';
import { childOf, nameOf, parentOf } from '../paths.ts';
import type { BatchedReads } from './batched-reads.ts';
import type { Fetcher } from './fetcher.ts';
import type { Limiter } from './limiter.ts';
import type { Tree } from './tree.ts';

/** Of a znode: its data is kept, only its presence is, or neither it nor what is below it. */
export type ZnodeClass = 'data' | 'presence' | 'skip';

/** Of one znode's children at a time: enough for all reads that may be in flight. */
const MAX_LOADS = 500;

export interface LoaderOptions {
  readonly reads: BatchedReads;
  readonly tree: Tree;
  readonly fetcher: Fetcher;
  readonly limiter: Limiter;
  readonly signal: AbortSignal;
  readonly classify: (path: string) => ZnodeClass;
  readonly expectedChildren: (path: string) => readonly string[] | undefined;
}

/** What events told while a znode and its children were read. */
interface Window {
  /** The znode itself came or went: events tell all about it from then on. */
  isTouched: boolean;
  /** Undefined: of no name below it; made when it is needed, since there is a window for each znode. */
  names: Set<string> | undefined;
}

export class Loader {
  readonly #options: LoaderOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /** Resolves when the tree below is as the server has it. Rejects if it cannot be read. */
  async load(root: string): Promise<void> {
    await this.#load(root, 'presence');
  }

  /** An event told of the znode's coming or going. */
  touched(path: string): void {
    if (this.#windows.size === 0) return;
    const own = this.#windows.get(path);
    if (own !== undefined) own.isTouched = true;
    const parent = this.#windows.get(parentOf(path));
    if (parent !== undefined) (parent.names ??= new Set()).add(nameOf(path));
  }

  /** Answers whether the znode exists. */
  async #load(path: string, kind: 'data' | 'presence'): Promise<boolean> {
    const { tree } = this.#options;
    const window: Window = { isTouched: false, names: undefined };
    this.#windows.set(path, window);
    try {
      const names = await this.#readOne(path, kind);
      if (window.isTouched) return false;
      if (names === undefined) {
        tree.remove(path);
        return false;
      }
      if (kind === 'presence') tree.putPresence(path);
      this.#removeOthers(path, names.names, window);
      if (names.names.length > 0) await this.#loadBelow(path, names, window);
      return true;
    } finally {
      this.#windows.delete(path);
    }
  }

  async #loadBelow(path: string, names: Names, window: Window): Promise<void> {
    const rest = names.names.values();
    let unproven = 0;
    // Thousands of loads begun at once would hold up the event loop.
    const worker = async (): Promise<void> => {
      for (const name of rest) {
        // Of what events told about it is not known whether it was among those that were counted.
        if (window.names?.has(name) === true || !(await this.#loadChild(path, name, names)))
          unproven++;
      }
    };
    // Most have one child, the lock of a node.
    if (names.names.length === 1) await worker();
    else {
      const workers: Promise<void>[] = [];
      while (workers.length < Math.min(MAX_LOADS, names.names.length)) workers.push(worker());
      await Promise.all(workers);
    }
    if (names.areListed || unproven === 0) return;
    // Something else is there than what we expected.
    const listed = await this.#list(path);
    if (listed === undefined || window.isTouched) return;
    this.#removeOthers(path, listed, window);
    await this.#loadBelow(path, { names: listed, areListed: true }, window);
  }

  /** Answers whether it exists, or does not matter. */
  #loadChild(path: string, name: string, { areListed }: Names): true | Promise<boolean> {
    const child = childOf(path, name);
    const kind = this.#options.classify(child);
    if (kind === 'skip') return true;
    if (!areListed || !this.#isLeaf(child, kind)) return this.#load(child, kind);
    this.#options.tree.putPresence(child);
    return true;
  }

  /** The names below; undefined if the znode does not exist. */
  async #readOne(path: string, kind: 'data' | 'presence'): Promise<Names | undefined> {
    if (kind === 'data') {
      const stat = await this.#options.fetcher.fetch(path);
      if (stat === undefined) return undefined;
      if (stat.numChildren === 0) return { names: [], areListed: true };
      const expected = this.#options.expectedChildren(path);
      if (expected?.length === stat.numChildren) return { names: expected, areListed: false };
    }
    const names = await this.#list(path);
    return names && { names, areListed: true };
  }

  #isLeaf(path: string, kind: 'data' | 'presence'): boolean {
    return kind === 'presence' && this.#options.expectedChildren(path)?.length === 0;
  }

  async #list(path: string): Promise<readonly string[] | undefined> {
    const { reads, limiter, signal } = this.#options;
    const place = limiter.enter();
    if (place !== undefined) await place;
    try {
      signal.throwIfAborted();
      const children = await reads.children(path);
      signal.throwIfAborted();
      return children;
    } catch (error) {
      if (!signal.aborted && isNoNode(error)) return undefined;
      throw error;
    } finally {
      limiter.leave();
    }
  }

  #removeOthers(path: string, names: readonly string[], window: Window): void {
    const { tree } = this.#options;
    const known = tree.branches(path);
    if (known.length === 0) return;
    const present = new Set(names);
    for (const name of known)
      if (!present.has(name) && window.names?.has(name) !== true) tree.remove(childOf(path, name));
  }
}

interface Names {
  readonly names: readonly string[];
  /** By the server; otherwise they are only expected, and each must prove that it exists. */
  readonly areListed: boolean;
}
