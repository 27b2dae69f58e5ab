/**
 * ZooKeeper for Node: one session, kept through lost connections, over TCP or TLS.
 *
 * Calls made without a connection wait for one until their deadline. A read whose connection is
 * lost is sent again; a write then fails with ZK_CONNECTION_LOSS and the label `ambiguous`. Calls
 * that wait when the session expires fail with ZK_SESSION_EXPIRED. Calls made after that belong to
 * the next session: whoever must not cross that line passes `session.signal`.
 *
 * Does not promise that events arrive of what happened while there was no connection (see
 * `addWatch`), and works with ZooKeeper 3.5 but for watches, which need 3.6.
 */
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, ZooKeeperError } from '../base/errors.ts';
import { silentLogger } from '../base/log.ts';
import type { Logger } from '../base/log.ts';
import { abortReason, untilAborted } from '../base/wait.ts';
import { Call } from './call.ts';
import type { Operation } from './call.ts';
import { parseConnectString } from './hosts.ts';
import { multiReadOperation } from './multi-read.ts';
import * as operations from './operations.ts';
import type { PathView } from './operations.ts';
import { Session } from './session.ts';
import type { Auth, SessionCounters } from './session.ts';
import { TlsSettings } from './tls.ts';
import type { TlsFiles } from './tls.ts';
import { TransactionGroups } from './transaction-groups.ts';
import { deleteTree, ensurePath } from './trees.ts';
import { ANY_VERSION } from './types.ts';
import type * as types from './types.ts';
import { Watches } from './watches.ts';

export interface ZooKeeperClientOptions {
  /** `host:port,host:port/chroot`. */
  readonly connectString: string;
  /** What the server is asked for; it grants what its own limits allow. Default: 10,000 ms. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Without it the connection is plain TCP. */
  readonly tls?: TlsFiles | undefined;
  readonly auth?: readonly Auth[] | undefined;
  /** How long a call may take, waiting for a connection included. Default: `sessionTimeoutMs`. */
  readonly operationTimeoutMs?: number | undefined;
  /** The largest reply that is taken. Default: 32 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** The largest request that is sent. Default: 1,048,575, the servers' own limit. */
  readonly maxRequestBytes?: number | undefined;
  /** The most calls that may be under way. Default: 100,000. */
  readonly maxPending?: number | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 up to but not including 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  readonly log?: Logger | undefined;
}

const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_FRAME_BYTES = 32 * 1024 * 1024;
/** jute.maxbuffer as servers have it unless told otherwise. */
const DEFAULT_MAX_REQUEST_BYTES = 0xf_ffff;
const DEFAULT_MAX_PENDING = 100_000;

export class ZooKeeperClient implements types.ZooKeeper {
  /** Sums since the start, to be read by metrics. */
  readonly counters: Readonly<SessionCounters>;
  /** Resolves when, after the start, a server has been dialled, or that was not possible. */
  readonly dialled: Promise<void>;
  readonly #clock: Clock;
  readonly #chroot: string;
  readonly #timeoutMs: number;
  readonly #watches: Watches;
  readonly #session: Session;
  readonly #view: PathView;
  readonly #groups = new TransactionGroups((ops, options) =>
    this.#call(operations.multiOperation, { ops, view: this.#view }, options),
  );

  constructor(options: ZooKeeperClientOptions) {
    const { hosts, chroot } = parseConnectString(options.connectString);
    const timeoutMs = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    const log = options.log ?? silentLogger;
    const counters = newCounters();
    this.counters = counters;
    this.#clock = options.clock ?? systemClock;
    this.#chroot = chroot;
    this.#timeoutMs = options.operationTimeoutMs ?? timeoutMs;
    this.#view = {
      absolute: (path) => absolutePath(chroot, path),
      relative: (path) => relativePath(chroot, path),
    };
    this.#watches = new Watches({
      relative: (path) => relativePath(chroot, path),
      onListenerError: (error) => {
        log.error('a listener to a ZooKeeper watch failed', { error: messageOf(error) });
      },
    });
    let onDial = (): void => undefined;
    this.dialled = new Promise((resolve) => {
      onDial = resolve;
    });
    this.#session = new Session({
      hosts,
      timeoutMs,
      tls: options.tls && new TlsSettings(options.tls),
      auth: options.auth ?? [],
      watches: this.#watches,
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      maxRequestBytes: options.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
      maxPending: options.maxPending ?? DEFAULT_MAX_PENDING,
      counters,
      onDial,
      clock: this.#clock,
      random: options.random ?? Math.random,
      log,
    });
  }

  get state(): types.SessionState {
    return this.#session.state;
  }

  get calls(): types.CallCounts {
    return this.#session.calls;
  }

  get session(): types.SessionHandle | undefined {
    return this.#session.handle;
  }

  onState(listener: (state: types.SessionState) => void): () => void {
    return this.#session.onState(listener);
  }

  /** Resolves at the first connection; tries for ever, or until the signal aborts. */
  start(signal: AbortSignal): Promise<void> {
    return this.#session.start(signal);
  }

  /** Ends the session, at the server too if there is a connection. The client is of no use then. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** Other servers of the same ensemble, from the next connection on. The chroot stays. */
  setHosts(connectString: string): void {
    const { hosts, chroot } = parseConnectString(connectString);
    if (chroot !== this.#chroot) {
      throw new ZooKeeperError('ZK_CONNECT_STRING', 'the chroot cannot be changed while running');
    }
    this.#session.setHosts(hosts);
  }

  /** Authenticates this connection and all later ones. */
  addAuth(scheme: string, auth: string): Promise<void> {
    return this.#session.addAuth({ scheme, auth });
  }

  async create(
    path: string,
    data?: Uint8Array,
    options: types.CallOptions & {
      mode?: types.CreateMode;
      acl?: readonly types.Acl[];
      ttlMs?: number;
    } = {},
  ): Promise<{ path: string; stat: types.Stat }> {
    refuseNameless(path, options.mode);
    const op = { op: 'create' as const, ...options, path, data };
    const args = { path: this.#view.absolute(path), op, view: this.#view };
    return this.#call(operations.createOperation, args, options);
  }

  async delete(path: string, version = ANY_VERSION, options?: types.CallOptions): Promise<void> {
    const args = { path: this.#view.absolute(path), version };
    await this.#call(operations.deleteOperation, args, options);
  }

  async exists(path: string, options?: types.CallOptions): Promise<types.Stat | undefined> {
    return this.#call(operations.existsOperation, this.#view.absolute(path), options);
  }

  async get(path: string, options?: types.GetOptions): Promise<{ data: Buffer; stat: types.Stat }> {
    const absolute = this.#view.absolute(path);
    const listener = options?.watchOnce;
    if (!listener) return this.#call(operations.getOperation, absolute, options);
    const onWatched = (): void => {
      // A function of its own for each call: the same listener may wait twice.
      this.#watches.addOnce(absolute, (event) => {
        listener(event);
      });
    };
    return this.#call(operations.getAndWatchOperation, { path: absolute, onWatched }, options);
  }

  async set(
    path: string,
    data: Uint8Array,
    version = ANY_VERSION,
    options?: types.CallOptions,
  ): Promise<types.Stat> {
    const args = { path: this.#view.absolute(path), data, version };
    return this.#call(operations.setOperation, args, options);
  }

  async children(
    path: string,
    options?: types.CallOptions,
  ): Promise<{ children: string[]; stat: types.Stat }> {
    return this.#call(operations.childrenOperation, this.#view.absolute(path), options);
  }

  async readMany(
    ops: readonly types.ReadOp[],
    options?: types.CallOptions,
  ): Promise<types.ReadResult[]> {
    return this.#call(multiReadOperation, { ops, view: this.#view }, options);
  }

  async getAcl(
    path: string,
    options?: types.CallOptions,
  ): Promise<{ acl: types.Acl[]; stat: types.Stat }> {
    return this.#call(operations.getAclOperation, this.#view.absolute(path), options);
  }

  async setAcl(
    path: string,
    acl: readonly types.Acl[],
    version = ANY_VERSION,
    options?: types.CallOptions,
  ): Promise<types.Stat> {
    const args = { path: this.#view.absolute(path), acl, version };
    return this.#call(operations.setAclOperation, args, options);
  }

  async sync(path: string, options?: types.CallOptions): Promise<void> {
    await this.#call(operations.syncOperation, this.#view.absolute(path), options);
  }

  async multi(
    ops: readonly types.MultiOp[],
    options?: types.CallOptions,
  ): Promise<types.MultiResult[]> {
    return this.#groups.submit(ops, options);
  }

  async addWatch(
    path: string,
    mode: types.WatchMode,
    listener: (event: types.WatchEvent) => void,
    options?: types.CallOptions,
  ): Promise<types.WatchHandle> {
    const absolute = this.#view.absolute(path);
    // A function of its own for each call: the same listener may be added twice.
    const own = (event: types.WatchEvent): void => {
      listener(event);
    };
    const watch = this.#watches.add(absolute, mode, own);
    const args = { path: absolute, mode };
    watch.ready ??= this.#call(operations.addWatchOperation, args, options);
    try {
      await (options?.signal ? untilAborted(watch.ready, options.signal) : watch.ready);
    } catch (error) {
      this.#watches.remove(watch, own);
      throw error;
    }
    return {
      close: async () => {
        if (this.#watches.remove(watch, own)) await this.#removeWatch(absolute);
      },
    };
  }

  /** Makes the chroot, too. */
  async ensurePath(path: string, options?: types.CallOptions): Promise<void> {
    const view = this.#view;
    const calls = {
      exists: (one: string) => this.#call(operations.existsOperation, one, options),
      create: (one: string) =>
        this.#call(
          operations.createOperation,
          { path: one, op: { op: 'create', path: one }, view },
          options,
        ),
    };
    await ensurePath(calls, view.absolute(path));
  }

  deleteTree(path: string, options?: types.CallOptions): Promise<void> {
    return deleteTree(this, path, options);
  }

  /** A watch is gone with its connection, so any failure to remove it leaves none behind. */
  async #removeWatch(path: string): Promise<void> {
    try {
      await this.#call(operations.removeWatchesOperation, path, undefined);
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error;
    }
  }

  #call<A, T>(
    operation: Operation<A, T>,
    args: A,
    options: types.CallOptions | undefined,
  ): Promise<T> {
    const now = this.#clock.monotonic();
    const timeoutMs = options?.timeoutMs ?? this.#timeoutMs;
    const call = new Call(operation, args, { now, timeoutMs });
    const signal = options?.signal;
    if (signal?.aborted) call.fail(abortReason(signal));
    else this.#session.submit(call, now);
    if (signal && !call.isSettled) this.#session.backlog.signals.join(call, signal);
    return call.promise;
  }
}

function newCounters(): SessionCounters {
  return {
    requests: 0,
    replies: 0,
    events: 0,
    pings: 0,
    writes: 0,
    bytesSent: 0,
    bytesReceived: 0,
    connections: 0,
    expiries: 0,
  };
}

const SLASH = 47;

/** The name of a sequential znode may be its number alone, as nodes have it; others need one. */
function refuseNameless(path: string, mode: types.CreateMode = 'persistent'): void {
  if (!path.endsWith('/') || mode.toLowerCase().includes('sequential')) return;
  throw new ZooKeeperError('ZK_BAD_ARGUMENTS', `path "${path}" ends with a slash`);
}

/** Checks only what would become another valid path; the rest is the server's to refuse. */
function absolutePath(chroot: string, path: string): string {
  if (path.charCodeAt(0) !== SLASH) {
    throw new ZooKeeperError('ZK_BAD_ARGUMENTS', `path "${path}" does not begin with a slash`);
  }
  if (chroot === '') return path;
  return path === '/' ? chroot : chroot + path;
}

function relativePath(chroot: string, path: string): string {
  if (chroot === '' || !path.startsWith(chroot)) return path;
  return path.length === chroot.length ? '/' : path.slice(chroot.length);
}
