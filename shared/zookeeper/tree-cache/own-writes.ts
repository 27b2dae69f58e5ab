/**
 * Events of our own writes, held back until the reply tells what was written, so that nothing is
 * read back.
 *
 * A server sends a session the events of its own write before the reply (it answers when the write
 * has been applied, and applying it triggers the watches). So once a write has succeeded, exactly
 * one event for each of its operations on a path is ours. Any more, and every event around a write
 * that failed or whose fate is not known, are somebody's news: the path is read once.
 */
import { parentOf } from '../paths.ts';
import type { Stat } from '../types.ts';

/** What a write may touch: whole paths, or the parents of znodes whose names the server chooses. */
export interface PendingWrite {
  readonly paths?: readonly string[] | undefined;
  readonly createdUnder?: readonly string[] | undefined;
}

/** The outcome of one operation of an own write. */
export type OwnWrite =
  | {
      readonly path: string;
      readonly data: Buffer;
      readonly stat: Stat;
      readonly isDeleted?: false;
    }
  | { readonly path: string; readonly isDeleted: true };

/** Writes in flight on one path. */
interface HeldPath {
  active: number;
  /** Events that no write has accounted for yet. */
  events: number;
  deletions: number;
  /** Events may be missing. */
  isUncertain: boolean;
}

/** A znode that appeared below a parent where we are creating. */
interface HeldCreation {
  events: number;
  wasDeleted: boolean;
  /** The last write that may have been the creator. */
  readonly upTo: number;
}

interface HeldParent {
  /** Numbers of the writes that create below it, in ascending order. */
  readonly active: Set<number>;
  /** In the order of their events, so `upTo` never falls. */
  readonly creations: Map<string, HeldCreation>;
}

export interface WriteToken {
  readonly number: number;
  readonly pending: PendingWrite;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** What the cache does once a write has ended. */
export interface Settlement {
  /** To be taken over as they are. */
  readonly puts: readonly (OwnWrite & { isDeleted?: false })[];
  /** To be read. */
  readonly reads: readonly string[];
}

export class OwnWrites {
  readonly #paths = new Map<string, HeldPath>();
  readonly #parents = new Map<string, HeldParent>();
  readonly #tokens = new Set<WriteToken>();
  #number = 0;

  begin(pending: PendingWrite): WriteToken {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const token = { number: ++this.#number, pending, ended, end };
    this.#tokens.add(token);
    for (const path of pending.paths ?? []) {
      const held = this.#paths.get(path);
      if (held === undefined) this.#paths.set(path, newHeldPath());
      else held.active++;
    }
    for (const path of pending.createdUnder ?? []) {
      let held = this.#parents.get(path);
      if (held === undefined) {
        held = { active: new Set(), creations: new Map() };
        this.#parents.set(path, held);
      }
      held.active.add(token.number);
    }
    return token;
  }

  /** Takes a `created` or `dataChanged` event; false if no own write can have caused it. */
  hold(path: string, isCreated: boolean): boolean {
    const held = this.#paths.get(path);
    if (held !== undefined) {
      held.events++;
      return true;
    }
    if (this.#parents.size === 0) return false;
    const parent = this.#parents.get(parentOf(path));
    const creation = parent?.creations.get(path);
    if (creation !== undefined) {
      creation.events++;
      return true;
    }
    if (parent === undefined || !isCreated) return false;
    parent.creations.set(path, { events: 1, wasDeleted: false, upTo: this.#number });
    return true;
  }

  /** Whether news of the znode are held back: what is known of it is older. */
  isHolding(path: string): boolean {
    return (this.#paths.get(path)?.events ?? 0) > 0;
  }

  /** Events that no write has accounted for yet. */
  get heldEvents(): number {
    let sum = 0;
    for (const { events } of this.#paths.values()) sum += events;
    for (const { creations } of this.#parents.values())
      for (const { events } of creations.values()) sum += events;
    return sum;
  }

  /**
   * Resolves when the writes have ended that may hold back news now: what the news are of has been
   * taken over then, or is being read.
   */
  async newsReleased(): Promise<void> {
    const paths = [...this.#paths].filter(([, { events }]) => events > 0);
    const parents = [...this.#parents.values()];
    if (paths.length === 0 && parents.every(({ creations }) => creations.size === 0)) return;
    do {
      await Promise.all([...this.#tokens].map(({ ended }) => ended));
      // Writes that have begun since hold back what was known of their paths before them, too.
    } while (paths.some(([path, held]) => this.#paths.get(path) === held));
  }

  /** A held znode was deleted: what a write says of it later is no longer true. */
  deleted(path: string): void {
    const held = this.#paths.get(path);
    if (held !== undefined) held.deletions++;
    if (this.#parents.size === 0) return;
    const creation = this.#parents.get(parentOf(path))?.creations.get(path);
    if (creation === undefined) return;
    creation.events = 0;
    creation.wasDeleted = true;
  }

  /** Ends a write; `outcome` undefined: not known, or known to have failed. */
  end(token: WriteToken, outcome: readonly OwnWrite[] | undefined): Settlement {
    const puts: (OwnWrite & { isDeleted?: false })[] = [];
    const reads: string[] = [];
    for (const write of outcome ?? []) {
      if (this.#account(write, reads) && write.isDeleted !== true) puts.push(write);
    }
    for (const path of token.pending.paths ?? []) this.#release(path, reads);
    for (const path of token.pending.createdUnder ?? []) this.#releaseBelow(path, token, reads);
    this.#tokens.delete(token);
    token.end();
    return { puts, reads };
  }

  /** Forgets all events: everything is going to be read anyway. */
  forgetEvents(): void {
    for (const held of this.#paths.values()) {
      held.events = 0;
      held.isUncertain = true;
    }
    for (const held of this.#parents.values()) held.creations.clear();
  }

  /** Whether the outcome can be taken over; an event is accounted for. */
  #account(write: OwnWrite, reads: string[]): boolean {
    const held = this.#paths.get(write.path);
    if (held !== undefined) {
      if (write.isDeleted === true) held.deletions--;
      else held.events--;
      return held.deletions <= 0 && !held.isUncertain;
    }
    const creations = this.#parents.get(parentOf(write.path))?.creations;
    const creation = creations?.get(write.path);
    if (creation === undefined) return true;
    creation.events--;
    if (creation.events > 0 || creation.wasDeleted) reads.push(write.path);
    creations?.delete(write.path);
    return !creation.wasDeleted;
  }

  #release(path: string, reads: string[]): void {
    const held = this.#paths.get(path);
    if (held === undefined) return;
    held.active--;
    if (held.active > 0) return;
    this.#paths.delete(path);
    if (held.events > 0 || held.deletions > 0 || held.isUncertain) reads.push(path);
  }

  #releaseBelow(path: string, token: WriteToken, reads: string[]): void {
    const held = this.#parents.get(path);
    if (held === undefined) return;
    held.active.delete(token.number);
    const [oldest = Infinity] = held.active;
    for (const [created, creation] of held.creations) {
      if (creation.upTo >= oldest) break;
      held.creations.delete(created);
      if (creation.events > 0) reads.push(created);
    }
    if (held.active.size === 0) this.#parents.delete(path);
  }
}

function newHeldPath(): HeldPath {
  return { active: 1, events: 0, deletions: 0, isUncertain: false };
}
