/**
 * Getting a place in the queue of a lock: our child znode, made at most once whatever the network
 * does. A create whose reply was lost is settled by looking for the child's unique prefix.
 */
import type { Clock } from '../../base/clock.ts';
import { ZooKeeperError, hasCode } from '../../base/errors.ts';
import { isAmbiguous, isNodeExists, isNotEmpty, MultiError } from '../errors.ts';
import { childOf, nameOf, parentOf } from '../paths.ts';
import type { CreateMode, MultiOp, MultiResult, SessionHandle, ZooKeeper } from '../types.ts';
import { deleteByPrefix, deleteForSure, findByPrefix } from './certain-delete.ts';
import type { LockPolicy } from './policy.ts';

export interface ChildOptions {
  readonly client: ZooKeeper;
  readonly lockPath: string;
  readonly policy: LockPolicy;
  /** Unique for each try. */
  readonly prefix: string;
  readonly data: Uint8Array | undefined;
  readonly isEphemeral: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Our child, and who else is there. */
export interface Place {
  readonly child: LockChild;
  readonly children: readonly string[];
}

/** A child that was created together with the lock's own znode: nobody can be in front of it. */
export interface FirstPlace {
  readonly child: LockChild;
  readonly results: readonly MultiResult[];
}

export class LockChild {
  readonly path: string;
  /** Undefined for a persistent child. */
  readonly session: SessionHandle | undefined;
  readonly #options: ChildOptions;

  constructor(path: string, session: SessionHandle | undefined, options: ChildOptions) {
    this.path = path;
    this.session = session;
    this.#options = options;
  }

  get name(): string {
    return nameOf(this.path);
  }

  /** Leaves the queue, in the background where the server is not reachable now. */
  abandon(): Promise<void> {
    return deleteForSure(this.#options.client, this.path, this.#options.clock);
  }
}

/**
 * One transaction that makes the lock's znode, our child and what `also` says. ZK_NO_NODE if what is
 * above it does not exist.
 *
 * - `new`: the lock's znode does not exist. Undefined if it does: there may be others.
 * - `anew`: it exists; it is deleted and made again, which the server refuses while it has a child,
 *   so nobody can be in the queue. Undefined if somebody is. ZK_NO_NODE if it does not exist.
 */
export async function takeFirstPlace(
  options: ChildOptions,
  how: 'new' | 'anew',
  also: readonly MultiOp[],
): Promise<FirstPlace | undefined> {
  const { client, lockPath, signal } = options;
  const make: MultiOp[] = [{ op: 'create', path: lockPath }];
  if (how === 'anew') make.unshift({ op: 'delete', path: lockPath });
  try {
    const answers = await client.multi([...make, createOp(options), ...also], { signal });
    const created = answers[make.length];
    if (created?.op !== 'create')
      throw new ZooKeeperError('ZK_PROTOCOL', 'a create without answer');
    const child = ownChild(created.path, created.stat.ephemeralOwner, options);
    return { child, results: answers.slice(make.length + 1) };
  } catch (error) {
    if (error instanceof MultiError) {
      if (error.failedIndex === 0 && (isNodeExists(error) || isNotEmpty(error))) return undefined;
      if (error.failedIndex <= make.length) throw error.cause;
      throw new MultiError(error.failedIndex - make.length - 1, error.cause, also.length);
    }
    // Whether `also` took effect is for the caller to find out; we only leave no child behind.
    const child = also.length > 0 ? undefined : await settle(options, error);
    if (child === undefined) abandonUnknown(options, error);
    if (child === undefined) throw error;
    return { child, results: [] };
  }
}

/** Our child and a list of all, asked for in one go. ZK_NO_NODE if the lock's znode is missing. */
export async function takePlace(options: ChildOptions): Promise<Place> {
  const { client, lockPath, signal } = options;
  const { path, data, mode } = createOp(options);
  const [created, listed] = await Promise.allSettled([
    client.create(path, data, { mode, signal }),
    client.children(lockPath, { signal }),
  ]);
  if (created.status === 'rejected') {
    const child = await settle(options, created.reason);
    if (child === undefined) {
      abandonUnknown(options, created.reason);
      throw created.reason;
    }
    return { child, children: await listFor(child, options) };
  }
  const child = ownChild(created.value.path, created.value.stat.ephemeralOwner, options);
  if (listed.status === 'fulfilled') return { child, children: listed.value.children };
  return { child, children: await listFor(child, options) };
}

/** All children of the lock; leaves the queue if they cannot be had. */
async function listFor(child: LockChild, options: ChildOptions): Promise<readonly string[]> {
  try {
    const { client, lockPath, signal } = options;
    return (await client.children(lockPath, { signal })).children;
  } catch (error) {
    void child.abandon();
    throw error;
  }
}

/** Finds out whether a create whose reply was lost has made our child. */
async function settle(options: ChildOptions, error: unknown): Promise<LockChild | undefined> {
  if (!isAmbiguous(error) || options.signal?.aborted === true) return undefined;
  const { client, lockPath, prefix, signal } = options;
  try {
    const name = await findByPrefix(client, lockPath, prefix, signal);
    if (name === undefined) return undefined;
    const path = childOf(lockPath, name);
    const stat = await client.exists(path, { signal });
    return stat === undefined ? undefined : ownChild(path, stat.ephemeralOwner, options);
  } catch {
    // The first error says more; the child, if there is one, is cleared away by its prefix.
    return undefined;
  }
}

/** A child that may exist without our knowing its number. */
function abandonUnknown(options: ChildOptions, error: unknown): void {
  const isSettled = hasCode(error, 'ZK_NO_NODE') || hasCode(error, 'ZK_NO_AUTH');
  if (isSettled) return;
  void deleteByPrefix(options.client, options.lockPath, options.prefix, options.clock);
}

function ownChild(path: string, owner: bigint, options: ChildOptions): LockChild {
  if (!options.isEphemeral) return new LockChild(path, undefined, options);
  const { session } = options.client;
  if (session?.id !== owner) {
    void deleteForSure(options.client, path, options.clock);
    throw new ZooKeeperError('ZK_SESSION_EXPIRED', `lock ${options.lockPath}: the session ended`, {
      labels: ['retryable'],
    });
  }
  return new LockChild(path, session, options);
}

function createOp(options: ChildOptions): MultiOp & { op: 'create'; mode: CreateMode } {
  return {
    op: 'create',
    path: childOf(options.lockPath, options.prefix),
    data: options.data,
    mode: options.isEphemeral ? 'ephemeralSequential' : 'persistentSequential',
  };
}

/** Makes what is above the lock's znode. */
export function ensureParents(options: ChildOptions): Promise<void> {
  return options.client.ensurePath(parentOf(options.lockPath), { signal: options.signal });
}
