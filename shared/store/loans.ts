/**
 * Nodes that a launcher keeps for itself as a requestor, beyond its own life: those whose `user_data`
 * names an owner while the first contender for their lock carries the same name. The first alone
 * could be written by anybody.
 *
 * The names of contenders are in the tree cache, what they carry is read once for each. Until that
 * is known a node does not count; `settled` tells when it is.
 */
import { systemClock, type Clock } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { isNoNode } from '../zookeeper/errors.ts';
import { Lock } from '../zookeeper/lock.ts';
import { firstContender } from '../zookeeper/lock/policy.ts';
import { pause } from '../zookeeper/lock/pause.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import type { NodeStore, OwnedNode, StoredNode } from './nodes.ts';
import { Owned } from './owned.ts';
import { nodeLockPath } from './paths.ts';
import { decodeOwnerData, type OwnerData } from './user-data.ts';

/** A node and who keeps it. */
export interface Loan extends OwnerData {
  readonly node: StoredNode;
}

interface Entry {
  loan: Loan;
  /** The first contender for the lock. */
  child: string | undefined;
  /** Whether it is the owner's. Undefined: not known yet. */
  isOwners: boolean | undefined;
}

export interface LoansOptions {
  readonly client: ZooKeeper;
  readonly nodes: NodeStore;
  readonly clock?: Clock;
  readonly log: Logger;
}

export class Loans {
  readonly #client: ZooKeeper;
  readonly #nodes: NodeStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #checks = new Set<Promise<void>>();
  readonly #listeners = new Set<(owner: string) => void>();

  constructor({ client, nodes, clock = systemClock, log }: LoansOptions) {
    this.#client = client;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#log = log;
    nodes.cache.onChange(({ id, after }) => {
      this.#nodeChanged(id, after);
    });
    nodes.locks.onChange((id) => {
      const entry = this.#entries.get(id);
      if (entry && this.#lookAtLock(entry)) this.#tell(entry.loan.owner);
    });
  }

  get(id: string): Loan | undefined {
    const entry = this.#entries.get(id);
    return entry?.isOwners === true ? entry.loan : undefined;
  }

  *all(): Generator<Loan> {
    for (const entry of this.#entries.values()) if (entry.isOwners === true) yield entry.loan;
  }

  /** Resolves when it is known of all nodes that are in the cache now. */
  async settled(): Promise<void> {
    await Promise.all(this.#checks);
  }

  /** Called with the owner whose nodes have changed; the answer ends it. */
  onChange(listener: (owner: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** To write the node as its owner; undefined if it is not the version that the caller knows. */
  hold(id: string, version: number): OwnedNode | undefined {
    const entry = this.#entries.get(id);
    if (entry?.isOwners !== true || entry.child === undefined) return undefined;
    if (entry.loan.node.version !== version) return undefined;
    const held = new Lock(this.#client, nodeLockPath(id)).resume(entry.child);
    return new Owned(this.#nodes.cache, entry.loan.node, held);
  }

  #nodeChanged(id: string, node: StoredNode | undefined): void {
    const before = this.#entries.get(id);
    const owner = node && decodeOwnerData(node.record.user_data);
    if (!node || !owner) {
      if (!before) return;
      this.#entries.delete(id);
      this.#tell(before.loan.owner);
      return;
    }
    const loan = { ...owner, node };
    if (before?.loan.owner === owner.owner) {
      before.loan = loan;
      this.#lookAtLock(before);
    } else {
      const entry: Entry = { loan, child: undefined, isOwners: false };
      this.#entries.set(id, entry);
      this.#lookAtLock(entry);
      if (before) this.#tell(before.loan.owner);
    }
    this.#tell(owner.owner);
  }

  /** Whether something has changed. */
  #lookAtLock(entry: Entry): boolean {
    const { id } = entry.loan.node;
    const child = firstContender(this.#nodes.cache.tree.children(nodeLockPath(id)));
    if (child === entry.child) return false;
    entry.child = child;
    entry.isOwners = child === undefined ? false : undefined;
    if (child !== undefined) {
      const check = this.#check(entry, child).finally(() => {
        this.#checks.delete(check);
      });
      this.#checks.add(check);
    }
    return true;
  }

  /** Never rejects. */
  async #check(entry: Entry, child: string): Promise<void> {
    const path = `${nodeLockPath(entry.loan.node.id)}/${child}`;
    const isMeant = (): boolean => entry.child === child && entry.isOwners === undefined;
    for (let turn = 0; isMeant(); turn++) {
      try {
        const { data } = await this.#client.get(path);
        if (!isMeant()) return;
        entry.isOwners = data.toString() === entry.loan.owner;
        if (entry.isOwners) this.#tell(entry.loan.owner);
        return;
      } catch (error) {
        // Gone: the cache tells in a moment who is the first now.
        if (isNoNode(error) || hasCode(error, 'ZK_CLOSED')) return;
        this.#log.debug('who holds a lock could not be read yet', { path, error });
      }
      await pause(this.#clock, turn);
    }
  }

  #tell(owner: string): void {
    for (const listener of this.#listeners) listener(owner);
  }
}
