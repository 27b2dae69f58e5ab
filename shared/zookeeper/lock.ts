/**
 * A lock on a znode, shared with kazoo: whoever owns the child with the lowest number holds it.
 *
 *   tryAcquire, acquire ... -> held -> released
 *                               +----> lost     (the session ended)
 *
 * Does not protect work that goes on after `HeldLock.signal` has aborted: give that signal to all
 * of it, and put `HeldLock.check()` into every transaction. A reply lost on the way is settled by
 * looking for our own child by its unique prefix; a child that we gave up is deleted for sure.
 * Differs from kazoo: never makes the parents of the lock's znode unless asked to (that would
 * bring deleted nodes back as empty ones), a timeout counts the whole wait, and a try fails while
 * anybody is in the queue, even a reader that a plain lock of kazoo's would ignore.
 * Child names and order: lock/policy.ts.
 */
import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../base/clock.ts';
import { hasCode, hasLabel, ZooKeeperError } from '../base/errors.ts';
import { throwIfAborted, withDeadline } from '../base/wait.ts';
import { ensureParents, takeFirstPlace, takePlace } from './lock/child.ts';
import type { ChildOptions, FirstPlace, LockChild, Place } from './lock/child.ts';
import { Held, type HeldLock } from './lock/held.ts';
import { pause } from './lock/pause.ts';
import { policies, predecessorOf, type LockKind, type LockPolicy } from './lock/policy.ts';
import { untilChanged } from './lock/predecessor.ts';
import { isNoNode, MultiError } from './errors.ts';
import { childOf } from './paths.ts';
import type { MultiOp, MultiResult, ZooKeeper } from './types.ts';

export type { HeldLock } from './lock/held.ts';
export type { LockKind } from './lock/policy.ts';

export interface LockOptions {
  /** Default `exclusive`. */
  readonly kind?: LockKind;
  /** The data of the child, for people who look. Default: empty. */
  readonly identifier?: string;
  /** Whether the lock ends with the session. Default true. */
  readonly isEphemeral?: boolean;
  /** Makes the unique part of a child's name. Default: random. */
  readonly uuid?: () => string;
  readonly clock?: Clock;
}

export interface TryAcquireOptions {
  /**
   * What must happen together with getting the lock, all or nothing. If the reply is lost, the
   * lock is given up and the call fails with an ambiguous error: read again.
   */
  readonly also?: readonly MultiOp[];
  readonly signal?: AbortSignal | undefined;
  /** Whether to make what is missing above the lock's znode. Default false: ZK_NO_NODE. */
  readonly createParents?: boolean;
  /** The lock's znode is expected to exist; saves a try to make it. Default false. */
  readonly assumeParent?: boolean;
}

export interface AcquireOptions {
  readonly signal: AbortSignal;
  /** The longest wait in all; ZK_LOCK_TIMEOUT then. Default: none. */
  readonly timeoutMs?: number;
  readonly createParents?: boolean;
}

export interface Acquired {
  readonly held: HeldLock;
  /** The answers to `also`. */
  readonly results: readonly MultiResult[];
}

/** How often a try starts over when the lock's znode comes and goes under its hands. */
const MAX_TURNS = 5;

type Start = { readonly first: FirstPlace } | { readonly place: Place };

export class Lock {
  readonly path: string;
  readonly #client: ZooKeeper;
  readonly #policy: LockPolicy;
  readonly #data: Uint8Array | undefined;
  readonly #isEphemeral: boolean;
  readonly #uuid: () => string;
  readonly #clock: Clock;

  constructor(client: ZooKeeper, path: string, options: LockOptions = {}) {
    this.path = path;
    this.#client = client;
    this.#policy = policies[options.kind ?? 'exclusive'];
    this.#data = options.identifier === undefined ? undefined : Buffer.from(options.identifier);
    this.#isEphemeral = options.isEphemeral ?? true;
    this.#uuid = options.uuid ?? randomUUID;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * One try without waiting. Undefined: somebody else has it, and our child is gone again or will
   * be. A `MultiError` says that the lock was free but `also` failed.
   */
  async tryAcquire(options: TryAcquireOptions = {}): Promise<Acquired | undefined> {
    const also = options.also ?? [];
    // Readers may share the lock, so for them a queue that is not empty says nothing.
    if (this.#policy === policies.read) return this.#tryInQueue(options, also);
    let how: 'new' | 'anew' = options.assumeParent === true ? 'anew' : 'new';
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      throwIfAborted(options.signal);
      const place = this.#newChild(options.signal);
      try {
        const first = await takeFirstPlace(place, how, also);
        if (first) return { held: this.#hold(first.child), results: first.results };
        if (how === 'anew') return undefined;
        how = 'anew';
      } catch (error) {
        if (!isNoNode(error) || error instanceof MultiError) throw error;
        if (how === 'new' && options.createParents !== true) throw error;
        if (how === 'new') await ensureParents(place);
        how = 'new';
      }
    }
    throw new ZooKeeperError('ZK_NO_NODE', `lock ${this.path}: comes and goes`);
  }

  async #tryInQueue(
    options: TryAcquireOptions,
    also: readonly MultiOp[],
  ): Promise<Acquired | undefined> {
    const start = await this.#start(options, also);
    if ('first' in start) {
      return { held: this.#hold(start.first.child), results: start.first.results };
    }
    const { child, children } = start.place;
    const isFree =
      children.includes(child.name) &&
      predecessorOf(this.#policy, child.name, children) === undefined;
    if (!isFree) {
      void child.abandon();
      return undefined;
    }
    if (also.length === 0) return { held: this.#hold(child), results: [] };
    return this.#together(child, also, options.signal);
  }

  /** Waits for the lock, in the order of arrival. */
  acquire(options: AcquireOptions): Promise<HeldLock> {
    const { signal, timeoutMs, createParents = false } = options;
    if (timeoutMs === undefined) return this.#wait(signal, createParents);
    const error = (): Error =>
      new ZooKeeperError('ZK_LOCK_TIMEOUT', `lock ${this.path}: not free within ${timeoutMs} ms`);
    return withDeadline({ clock: this.#clock, ms: timeoutMs, signal, error }, (inner) =>
      this.#wait(inner, createParents),
    );
  }

  /**
   * A lock that outlives sessions, held by a child that another process made for the same owner. It
   * is not looked at: whether it still exists, the fence says.
   */
  resume(child: string): HeldLock {
    return new Held({
      client: this.#client,
      path: this.path,
      childPath: childOf(this.path, child),
      session: undefined,
      clock: this.#clock,
    });
  }

  /** A place in the queue, the first one if the lock's znode did not exist. */
  async #start(options: TryAcquireOptions, also: readonly MultiOp[]): Promise<Start> {
    let mayExist = options.assumeParent === true;
    let missing: Error | undefined;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      throwIfAborted(options.signal);
      const child = this.#newChild(options.signal);
      try {
        if (mayExist) return { place: await takePlace(child) };
        const first = await takeFirstPlace(child, 'new', also);
        if (first !== undefined) return { first };
        mayExist = true;
      } catch (error) {
        if (!isNoNode(error) || error instanceof MultiError) throw error;
        missing = error as Error;
        // The lock's znode vanished: make it again. What is above it is missing: only if asked to.
        if (!mayExist && options.createParents !== true) throw error;
        if (!mayExist) await ensureParents(child);
        mayExist = false;
      }
    }
    throw missing ?? new ZooKeeperError('ZK_NO_NODE', `lock ${this.path}: comes and goes`);
  }

  /** Does `also` under the fence of the lock that we just got. */
  async #together(
    child: LockChild,
    also: readonly MultiOp[],
    signal: AbortSignal | undefined,
  ): Promise<Acquired | undefined> {
    const ops: MultiOp[] = [{ op: 'check', path: child.path }, ...also];
    try {
      const [, ...results] = await this.#client.multi(ops, { signal });
      return { held: this.#hold(child), results };
    } catch (error) {
      void child.abandon();
      if (!(error instanceof MultiError)) throw error;
      if (error.failedIndex > 0)
        throw new MultiError(error.failedIndex - 1, error.cause, also.length);
      throwIfAborted(child.session?.signal);
      return undefined;
    }
  }

  async #wait(signal: AbortSignal, createParents: boolean): Promise<HeldLock> {
    for (let turn = 0; ; turn++) {
      throwIfAborted(signal);
      try {
        const held = await this.#queue(signal, createParents);
        if (held !== undefined) return held;
      } catch (error) {
        throwIfAborted(signal);
        if (hasCode(error, 'ZK_CLOSED') || !hasLabel(error, 'retryable')) throw error;
      }
      await pause(this.#clock, turn, signal);
    }
  }

  /** Waits in the queue; undefined if our place there was lost. */
  async #queue(signal: AbortSignal, createParents: boolean): Promise<HeldLock | undefined> {
    const start = await this.#start({ signal, createParents }, []);
    const { child } = 'first' in start ? start.first : start.place;
    let children = 'first' in start ? [child.name] : start.place.children;
    try {
      while (children.includes(child.name) && child.session?.signal.aborted !== true) {
        throwIfAborted(signal);
        const predecessor = predecessorOf(this.#policy, child.name, children);
        if (predecessor === undefined) return this.#hold(child);
        const path = childOf(this.path, predecessor);
        await untilChanged(this.#client, path, { session: child.session, signal });
        children = await this.#list(child, signal);
      }
    } catch (error) {
      void child.abandon();
      throw error;
    }
    void child.abandon();
    return undefined;
  }

  /** The children, asked for until they come or the session ends: the place must not be lost. */
  async #list(child: LockChild, signal: AbortSignal): Promise<readonly string[]> {
    for (let turn = 0; ; turn++) {
      try {
        return (await this.#client.children(this.path, { signal })).children;
      } catch (error) {
        throwIfAborted(signal);
        if (isNoNode(error)) return [];
        if (!hasLabel(error, 'retryable') || child.session?.signal.aborted === true) throw error;
      }
      await pause(this.#clock, turn, signal);
    }
  }

  #newChild(signal: AbortSignal | undefined): ChildOptions {
    return {
      client: this.#client,
      lockPath: this.path,
      policy: this.#policy,
      prefix: `${this.#uuid().replaceAll('-', '')}${this.#policy.suffix}`,
      data: this.#data,
      isEphemeral: this.#isEphemeral,
      clock: this.#clock,
      signal,
    };
  }

  #hold(child: LockChild): HeldLock {
    return new Held({
      client: this.#client,
      path: this.path,
      childPath: child.path,
      session: child.session,
      clock: this.#clock,
    });
  }
}
