/**
 * One node, locked by an operator: read after the lock was got, written only while it is held.
 *
 *   lockNode -> (write) -> release | writeAndRelease | remove
 *
 * For commands and web requests, which have no cache or need none: each looks at ZooKeeper itself.
 * The launcher's own way to nodes is `NodeStore.take`.
 */
import { nodeSchema, type NodeRecord } from '../../../schemas/records/node.ts';
import type { Clock } from '../../base/clock.ts';
import { hasCode, NodepoolError } from '../../base/errors.ts';
import { isAmbiguous, isNoNode, isNotEmpty } from '../../zookeeper/errors.ts';
import { Lock, type HeldLock } from '../../zookeeper/lock.ts';
import { firstContender } from '../../zookeeper/lock/policy.ts';
import { childOf } from '../../zookeeper/paths.ts';
import type { MultiOp, MultiResult, ZooKeeper } from '../../zookeeper/types.ts';
import { decode, encode } from '../codec.ts';
import { isName, nodeLockPath, nodePath } from '../paths.ts';

/** How long the original's commands wait for a node's lock. */
const LOCK_WAIT_MS = 5000;

export interface LockNodeOptions {
  readonly client: ZooKeeper;
  readonly clock: Clock;
  /** Gives up the wait, and what was asked of ZooKeeper. */
  readonly signal: AbortSignal;
  /** The longest wait for the lock, in milliseconds. Default: the original's 5 seconds. */
  readonly lockWaitMs?: number;
}

export type LockNodeOutcome =
  | { readonly kind: 'locked'; readonly node: LockedNode }
  /** There is no such node, or its znode holds nothing. */
  | { readonly kind: 'not-found' }
  /** Somebody else held the lock all the time. */
  | {
      readonly kind: 'held';
      /** What the holder says of itself; undefined: nothing, as launchers and Zuul do. */
      readonly holder: string | undefined;
    };

interface Parts {
  readonly options: LockNodeOptions;
  readonly id: string;
  readonly held: HeldLock;
  readonly record: NodeRecord;
  readonly version: number;
}

/**
 * Waits for the lock of a node, then reads it.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT: its znode holds no record. ZooKeeperError.
 */
export async function lockNode(id: string, options: LockNodeOptions): Promise<LockNodeOutcome> {
  // A name with a slash makes the path of something else.
  if (!isName(id) || (await readNode(id, options)) === undefined) return { kind: 'not-found' };
  const held = await acquire(id, options);
  if (!('childPath' in held)) return held;
  try {
    const found = await readNode(id, options);
    if (found !== undefined)
      return { kind: 'locked', node: new LockedNode({ options, id, held, ...found }) };
    await held.release();
    return { kind: 'not-found' };
  } catch (error) {
    // Never fails: it is repeated until it is done or the session ends.
    void held.release();
    throw error;
  }
}

export class LockedNode {
  readonly id: string;
  readonly #options: LockNodeOptions;
  readonly #path: string;
  readonly #held: HeldLock;
  #record: NodeRecord;
  #version: number;

  constructor({ options, id, held, record, version }: Parts) {
    this.id = id;
    this.#path = nodePath(id);
    this.#options = options;
    this.#held = held;
    this.#record = record;
    this.#version = version;
  }

  get record(): NodeRecord {
    return this.#record;
  }

  /** Aborts when the lock is lost; all work with the node must stop then. */
  get signal(): AbortSignal {
    return this.#held.signal;
  }

  /** Replaces fields of the record and keeps the lock. */
  async write(patch: Partial<NodeRecord>): Promise<void> {
    const record = { ...this.#record, ...patch };
    const [, written] = await this.#options.client.multi(
      [this.#held.check(), this.#set(record)],
      this.#options,
    );
    this.#settle(record, written);
  }

  /** Replaces fields of the record and gives the lock back, in one transaction. */
  async writeAndRelease(patch: Partial<NodeRecord>): Promise<void> {
    const record = { ...this.#record, ...patch };
    await this.#end([this.#set(record), this.#held.releaseOp()]);
    this.#record = record;
  }

  /**
   * Removes the node for good. Where others wait for its lock, says so by the state `deleted` and
   * removes what is below it first, as the original does.
   */
  async remove(nowSeconds: number): Promise<void> {
    const { client, signal } = this.#options;
    try {
      await this.#end([
        this.#held.releaseOp(),
        { op: 'delete', path: this.#held.path },
        { op: 'delete', path: this.#path },
      ]);
    } catch (error) {
      if (!isNotEmpty(error)) throw error;
      await this.write({ state: 'deleted', state_time: nowSeconds });
      await client.deleteTree(this.#path, { signal });
      this.#held.released();
    }
  }

  /** Gives the lock back without writing. Never fails: it is repeated until it is done. */
  release(): Promise<void> {
    return this.#held.release();
  }

  #set(record: NodeRecord): MultiOp {
    return { op: 'set', path: this.#path, data: encode(record), version: this.#version };
  }

  #settle(record: NodeRecord, written: MultiResult | undefined): void {
    if (written?.op !== 'set') return;
    this.#record = record;
    this.#version = written.stat.version;
  }

  /** A transaction that gives the lock back: whether it is done is seen by that. */
  async #end(ops: readonly MultiOp[]): Promise<void> {
    const { client, signal } = this.#options;
    try {
      await client.multi(ops, { signal });
    } catch (error) {
      if (!isAmbiguous(error) || (await client.exists(this.#held.childPath, { signal })))
        throw error;
      // The lock went with its session, too; then nothing is known.
      if (this.#held.signal.aborted) throw error;
    }
    this.#held.released();
  }
}

async function readNode(
  id: string,
  { client, signal }: LockNodeOptions,
): Promise<{ record: NodeRecord; version: number } | undefined> {
  try {
    const { data, stat } = await client.get(nodePath(id), { signal });
    // What is left when somebody asked for the lock of a node that had just been deleted.
    if (data.length === 0) return undefined;
    const decoded = decode<NodeRecord>(nodeSchema, data);
    if (decoded.ok) return { record: decoded.record, version: stat.version };
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
  throw new NodepoolError('NP_RECORD_CORRUPT', `${nodePath(id)} holds no record`, {
    hint: 'look at the znode, and delete it if nobody needs it',
  });
}

async function acquire(
  id: string,
  options: LockNodeOptions,
): Promise<HeldLock | Exclude<LockNodeOutcome, { kind: 'locked' }>> {
  const { client, clock, signal, lockWaitMs: timeoutMs = LOCK_WAIT_MS } = options;
  try {
    return await new Lock(client, nodeLockPath(id), { clock }).acquire({ signal, timeoutMs });
  } catch (error) {
    if (isNoNode(error)) return { kind: 'not-found' };
    if (!hasCode(error, 'ZK_LOCK_TIMEOUT')) throw error;
    return { kind: 'held', holder: await holderOf(id, options) };
  }
}

async function holderOf(
  id: string,
  { client, signal }: LockNodeOptions,
): Promise<string | undefined> {
  const path = nodeLockPath(id);
  try {
    const first = firstContender((await client.children(path, { signal })).children);
    if (first === undefined) return undefined;
    const { data } = await client.get(childOf(path, first), { signal });
    return data.length === 0 ? undefined : data.toString();
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}
