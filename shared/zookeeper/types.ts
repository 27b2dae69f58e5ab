/**
 * The words of ZooKeeper as the client speaks them: stats, modes, operations, events.
 */

import type { ZooKeeperError } from '../base/errors.ts';

/** What ZooKeeper knows of a znode. Transaction ids and the owner are 64 bit, so bigint. */
export interface Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly pzxid: bigint;
  /** Milliseconds since 1970, by the server's clock. */
  readonly ctime: number;
  readonly mtime: number;
  /** Counts changes of the data. */
  readonly version: number;
  /** Counts changes of the children. */
  readonly cversion: number;
  readonly aversion: number;
  /** The session that an ephemeral znode ends with; 0n for others. */
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
}

export interface Acl {
  /** Bits: 1 read, 2 write, 4 create, 8 delete, 16 admin. */
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

/** Anyone may do everything: what Nodepool and Zuul use everywhere. */
export const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];

export type CreateMode =
  | 'persistent'
  | 'ephemeral'
  | 'persistentSequential'
  | 'ephemeralSequential'
  | 'container'
  | 'persistentWithTtl'
  | 'persistentSequentialWithTtl';

/** Any version: the operation does not care. */
export const ANY_VERSION = -1;

export type MultiOp =
  | {
      readonly op: 'create';
      readonly path: string;
      readonly data?: Uint8Array | undefined;
      readonly mode?: CreateMode;
      readonly acl?: readonly Acl[];
      readonly ttlMs?: number;
    }
  | { readonly op: 'delete'; readonly path: string; readonly version?: number }
  | {
      readonly op: 'set';
      readonly path: string;
      readonly data: Uint8Array;
      readonly version?: number;
    }
  | { readonly op: 'check'; readonly path: string; readonly version?: number };

/** The answer to one operation of a transaction, in the order given. */
export type MultiResult =
  | { readonly op: 'create'; readonly path: string; readonly stat: Stat }
  | { readonly op: 'delete' }
  | { readonly op: 'set'; readonly stat: Stat }
  | { readonly op: 'check' };

/** One of several reads in one request. */
export interface ReadOp {
  readonly op: 'get' | 'children';
  readonly path: string;
}

/** The answer to one read, in the order given. */
export type ReadResult =
  | { readonly op: 'get'; readonly data: Buffer; readonly stat: Stat }
  | { readonly op: 'children'; readonly children: string[] }
  | { readonly op: 'error'; readonly error: ZooKeeperError };

export type WatchMode = 'persistent' | 'persistentRecursive';

export interface WatchEvent {
  readonly type: 'created' | 'deleted' | 'dataChanged' | 'childrenChanged';
  /** Relative to the chroot. */
  readonly path: string;
}

/**
 * - `connecting`: no session yet, or a new one is being made after an expiry.
 * - `connected`: requests flow.
 * - `suspended`: the connection is lost, the session may still live.
 * - `expired`: the session is gone; passes at once to `connecting`.
 * - `closed`: for good.
 */
export type SessionState = 'connecting' | 'connected' | 'suspended' | 'expired' | 'closed';

/** Options of every call. */
export interface CallOptions {
  /** Gives the call up; whether it took effect is then not known once it was sent. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the client's deadline for one operation. Milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export interface GetOptions extends CallOptions {
  /**
   * Told once, if the call succeeds: of the next change or deletion of the znode, or `undefined`
   * when the connection is lost; the server then tells nothing more, so look again.
   */
  readonly watchOnce?: ((event: WatchEvent | undefined) => void) | undefined;
}

/** One session; its signal aborts with ZK_SESSION_EXPIRED or ZK_CLOSED when it ends. */
export interface SessionHandle {
  readonly id: bigint;
  readonly signal: AbortSignal;
}

/** A running watch. */
export interface WatchHandle {
  close(): Promise<void>;
}

export interface CallCounts {
  /** Those that wait for a connection. */
  readonly waiting: number;
  /** Those that were sent and have no reply yet. */
  readonly sent: number;
}

/**
 * What recipes and stores need of a client. Paths are absolute and relative to the chroot. Calls
 * made while there is no connection wait for one within their deadline. Errors are
 * `ZooKeeperError`s; a call whose reply was lost fails with ZK_CONNECTION_LOSS and the label
 * `ambiguous`, one that was never sent without that label.
 */
export interface ZooKeeper {
  readonly state: SessionState;
  /** How many calls are under way at the moment. */
  readonly calls: CallCounts;
  /** The session of now; undefined before the first connection and while a new one is made. */
  readonly session: SessionHandle | undefined;
  /** Tells of every change of state until the answer is called. */
  onState(listener: (state: SessionState) => void): () => void;

  /** Answers the path, with the server's number for sequential modes, and the stat. */
  create(
    path: string,
    data?: Uint8Array,
    options?: CallOptions & { mode?: CreateMode; acl?: readonly Acl[]; ttlMs?: number },
  ): Promise<{ path: string; stat: Stat }>;
  delete(path: string, version?: number, options?: CallOptions): Promise<void>;
  /** Undefined where there is none. */
  exists(path: string, options?: CallOptions): Promise<Stat | undefined>;
  get(path: string, options?: GetOptions): Promise<{ data: Buffer; stat: Stat }>;
  set(path: string, data: Uint8Array, version?: number, options?: CallOptions): Promise<Stat>;
  children(path: string, options?: CallOptions): Promise<{ children: string[]; stat: Stat }>;
  /** Several reads in one request, no snapshot; each has its own error. Servers from 3.6 on. */
  readMany(ops: readonly ReadOp[], options?: CallOptions): Promise<ReadResult[]>;
  getAcl(path: string, options?: CallOptions): Promise<{ acl: Acl[]; stat: Stat }>;
  setAcl(path: string, acl: readonly Acl[], version?: number, options?: CallOptions): Promise<Stat>;
  /** Waits until the server has caught up with the leader. */
  sync(path: string, options?: CallOptions): Promise<void>;
  /** All or nothing. Rejects with a `MultiError` that names the operation that failed. */
  multi(ops: readonly MultiOp[], options?: CallOptions): Promise<MultiResult[]>;
  /**
   * Stays until closed, over reconnects and expiries. Changes while there was no connection are not
   * told (no server does): whoever keeps a copy reads again at the next `connected`.
   */
  addWatch(
    path: string,
    mode: WatchMode,
    listener: (event: WatchEvent) => void,
    options?: CallOptions,
  ): Promise<WatchHandle>;
  /** Creates the path and all that is missing above it; fine if it exists. */
  ensurePath(path: string, options?: CallOptions): Promise<void>;
  /** Deletes the path with all below it; fine if it does not exist. */
  deleteTree(path: string, options?: CallOptions): Promise<void>;
}
