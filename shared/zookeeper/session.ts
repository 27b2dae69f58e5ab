/**
 * One session over any number of connections, and a new one whenever the old one is over.
 *
 *               attached    lost        refused   overdue   renewed     closed
 *   connecting  connected   connecting  -         -         -           closed
 *   connected   -           suspended   -         -         -           closed
 *   suspended   connected   suspended   expired   expired   -           closed
 *   expired     -           -           -         -         connecting  closed
 *   closed      -           -           -         -         -           closed
 *
 * `refused` is the server's word that the session is gone. `overdue` is our own: no server heard of
 * us for the whole session timeout, so that others may already act as if we were dead. An overdue
 * session is never taken up again, even if the server still has it, because its users were told
 * that it is over; what it left at the server stays there until the server's own timeout.
 */
import type { Clock } from '../base/clock.ts';
import { hasCode, InvariantError, messageOf, ZooKeeperError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { throwIfAborted, untilAborted, withDeadline } from '../base/wait.ts';
import { attach } from './attach.ts';
import type { Attempt } from './attach.ts';
import { Backlog } from './backlog.ts';
import type { PendingCall } from './call.ts';
import type { Connection, ConnectionCounters } from './connection.ts';
import { connectionChannel, requestChannel, stateChannel } from './diagnostics.ts';
import type { ConnectionMessage, RequestMessage, StateMessage } from './diagnostics.ts';
import { lostError } from './errors.ts';
import { resolveBySystem, Rotation } from './hosts.ts';
import type { Host, Target } from './hosts.ts';
import { reservedXid, writeAuth, writeSetWatches2 } from './protocol.ts';
import type { ConnectResponse } from './protocol.ts';
import type { TlsSettings } from './tls.ts';
import type { CallCounts, SessionHandle, SessionState } from './types.ts';
import type { Watches } from './watches.ts';

export type SessionEvent = 'attached' | 'lost' | 'refused' | 'overdue' | 'renewed' | 'closed';

export const transitions: Readonly<
  Record<SessionState, Readonly<Partial<Record<SessionEvent, SessionState>>>>
> = {
  connecting: { attached: 'connected', lost: 'connecting', closed: 'closed' },
  connected: { lost: 'suspended', closed: 'closed' },
  suspended: {
    attached: 'connected',
    lost: 'suspended',
    refused: 'expired',
    overdue: 'expired',
    closed: 'closed',
  },
  expired: { renewed: 'connecting', closed: 'closed' },
  closed: { closed: 'closed' },
};

export function nextState(state: SessionState, event: SessionEvent): SessionState {
  const next = transitions[state][event];
  if (next === undefined) throw new InvariantError(`ZooKeeper session ${state}: ${event}`);
  return next;
}

export interface Auth {
  /** Such as `digest`. */
  readonly scheme: string;
  /** Such as `user:password`. */
  readonly auth: string;
}

export interface SessionCounters extends ConnectionCounters {
  /** Connections that carried a session. */
  connections: number;
  /** Sessions that were lost. */
  expiries: number;
}

export interface SessionOptions {
  readonly hosts: readonly Host[];
  readonly timeoutMs: number;
  readonly tls: TlsSettings | undefined;
  readonly auth: readonly Auth[];
  readonly watches: Watches;
  readonly maxFrameBytes: number;
  readonly maxRequestBytes: number;
  /** The most calls that may be on their way or wait. */
  readonly maxPending: number;
  readonly counters: SessionCounters;
  /** A server has been dialled, or that was not possible. */
  readonly onDial: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

const NO_PASSWORD = Buffer.alloc(16);
/** A connection that lived this long was good: the next loss is not held against the server. */
const STABLE_MS = 2_000;
const MIN_ATTEMPT_MS = 500;
const WARN_EVERY_MS = 10_000;
/** How long `close` waits for the server's answer. */
const CLOSE_MS = 2_000;

/** What a session is known by at the server. */
interface Identity {
  readonly id: bigint;
  readonly password: Buffer;
  readonly timeoutMs: number;
  readonly handle: SessionHandle;
  readonly end: AbortController;
}

export class Session {
  readonly backlog: Backlog;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #rotation: Rotation;
  readonly #auth: Auth[];
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #stop = new AbortController();
  #state: SessionState = 'connecting';
  #identity: Identity | undefined;
  #connection: Connection | undefined;
  #attempt: AbortController | undefined;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #onEnded: (() => void) | undefined;
  #cancelOverdue: (() => void) | undefined;
  #attachedAt = 0;
  #heardAt = 0;
  #lastZxid = 0n;
  #warnedAt = -Infinity;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#auth = [...options.auth];
    this.backlog = new Backlog(options.clock, () => this.#connection?.inflight ?? []);
    this.#rotation = new Rotation(options.hosts, {
      clock: options.clock,
      random: options.random,
      resolve: resolveBySystem,
      onUnresolved: (host, reason) => {
        this.#warn(host, new Error(reason));
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  get calls(): CallCounts {
    return { waiting: this.backlog.size, sent: this.#connection?.inflight.size ?? 0 };
  }

  get handle(): SessionHandle | undefined {
    return this.#identity?.handle;
  }

  onState(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves at the first connection. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#running) throw new InvariantError('a ZooKeeper client is started once');
    let stopListening = (): void => undefined;
    const first = new Promise<void>((resolve, reject) => {
      stopListening = this.onState((state) => {
        if (state === 'connected') resolve();
        else if (state === 'closed') reject(closedError());
      });
    });
    this.#running = this.#run();
    try {
      await untilAborted(first, signal);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      stopListening();
    }
  }

  submit(call: PendingCall, now: number): void {
    const connection = this.#connection;
    if (this.#state === 'closed') call.fail(closedError());
    else if (this.backlog.size + (connection?.inflight.size ?? 0) >= this.#options.maxPending) {
      call.failWith('ZK_QUEUE_FULL', `${this.#options.maxPending} requests are pending`);
    } else {
      if (connection) connection.send(call, now);
      else this.backlog.push(call);
      this.backlog.watchDeadlines();
    }
  }

  setHosts(hosts: readonly Host[]): void {
    this.#rotation.setHosts(hosts);
  }

  /** Kept for all later connections unless a server refuses it now. */
  async addAuth(auth: Auth): Promise<void> {
    this.#auth.push(auth);
    try {
      if (this.#connection) await this.#sendAuth(this.#connection, auth);
    } catch (error) {
      // The next connection begins with it.
      if (hasCode(error, 'ZK_CONNECTION_LOSS')) return;
      this.#auth.splice(this.#auth.indexOf(auth), 1);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelOverdue?.();
    this.#identity?.end.abort(closedError());
    this.#identity = undefined;
    this.backlog.failAll('ZK_CLOSED', 'the client was closed');
    const connection = this.#connection;
    this.#apply('closed');
    if (connection) await this.#closeAtServer(connection);
    this.#stop.abort(closedError());
    this.#attempt?.abort(closedError());
    connection?.end(closedError());
    await this.#running;
    this.backlog.stop();
  }

  async #closeAtServer(connection: Connection): Promise<void> {
    const late = (): Error => lostError('the server did not confirm the end of the session');
    const limit = { clock: this.#clock, ms: CLOSE_MS, signal: this.#stop.signal, error: late };
    try {
      await withDeadline(limit, () => connection.closeSession());
    } catch (error) {
      // The session then ends by its timeout.
      this.#options.log.debug('session not closed at the server', { error: messageOf(error) });
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      let target: Target | undefined;
      try {
        target = await this.#rotation.next(this.#stop.signal);
        await this.#serve(target);
      } catch (error) {
        if (this.#isStopped()) return;
        this.#onAttemptFailed(target, error);
      }
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #onAttemptFailed(target: Target | undefined, error: unknown): void {
    this.#options.onDial();
    const server = target ? `${target.host}:${target.port}` : 'none';
    if (connectionChannel.hasSubscribers) {
      const cause = error instanceof Error ? error : new Error(String(error));
      connectionChannel.publish({ server, error: cause } satisfies ConnectionMessage);
    }
    this.#warn(server, error);
  }

  #warn(server: string, error: unknown): void {
    const { log } = this.#options;
    const fields = { server, error: messageOf(error), state: this.#state };
    const now = this.#clock.monotonic();
    if (now - this.#warnedAt < WARN_EVERY_MS) {
      log.debug('no connection to ZooKeeper', fields);
      return;
    }
    this.#warnedAt = now;
    log.warn('no connection to ZooKeeper', fields);
  }

  /** Connects and attaches, and resolves when that connection has ended. */
  async #serve(target: Target): Promise<void> {
    throwIfAborted(this.#stop.signal);
    const share = this.#options.timeoutMs / this.#rotation.addresses;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const limit = {
      clock: this.#clock,
      ms: Math.max(MIN_ATTEMPT_MS, Math.min(share, this.#options.timeoutMs)),
      signal: attempt.signal,
      error: () => lostError('no session within the time for one server'),
    };
    const result = await withDeadline(limit, (signal) => attach(this.#attemptAt(target), signal));
    if (result === 'refused') {
      if (!attempt.signal.aborted) this.#expire('refused');
      return;
    }
    const { connection, response } = result;
    // What came behind the greeting may have ended it, or the session may be over meanwhile.
    if (connection.isEnded || attempt.signal.aborted) {
      connection.end(lostError('no longer wanted'));
      throw lostError('the connection ended right after it was made');
    }
    const ended = new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    });
    this.#onAttached(connection, response, target);
    await ended;
  }

  #attemptAt(target: Target): Attempt {
    const { clock, maxFrameBytes, maxRequestBytes, counters, watches, tls } = this.#options;
    const { onDial } = this.#options;
    const identity = this.#identity;
    return {
      ...{ target, tls, onDial },
      request: {
        lastZxid: identity ? this.#lastZxid : 0n,
        timeoutMs: this.#options.timeoutMs,
        sessionId: identity?.id ?? 0n,
        password: identity?.password ?? NO_PASSWORD,
      },
      connection: {
        clock,
        maxFrameBytes,
        maxRequestBytes,
        counters,
        onEvent: (event) => {
          watches.dispatch(event);
        },
        onEnd: (connection, error, unanswered) => {
          this.#onLost(connection, error, unanswered);
        },
        onReply: (call, errorNumber) => {
          if (requestChannel.hasSubscribers) this.#publishReply(call, errorNumber);
        },
      },
    };
  }

  #publishReply(call: PendingCall, errorNumber: number): void {
    requestChannel.publish({
      operation: call.name,
      durationMs: this.#clock.monotonic() - call.sentAt,
      errorNumber,
    } satisfies RequestMessage);
  }

  #onAttached(connection: Connection, response: ConnectResponse, target: Target): void {
    this.#cancelOverdue?.();
    this.#identity ??= newIdentity(response);
    this.#attachedAt = this.#clock.monotonic();
    this.#connection = connection;
    this.#options.counters.connections++;
    connection.keepAlive(response.timeoutMs);
    this.#restore(connection);
    for (const call of this.backlog.take()) connection.send(call, this.#attachedAt);
    const server = `${target.host}:${target.port}`;
    const session = `0x${BigInt.asUintN(64, response.sessionId).toString(16)}`;
    this.#options.log.info('connected to ZooKeeper', {
      server,
      session,
      timeout_ms: response.timeoutMs,
    });
    if (connectionChannel.hasSubscribers) {
      connectionChannel.publish({ server, error: undefined } satisfies ConnectionMessage);
    }
    this.#apply('attached');
  }

  /** Sends what a server knows by connection only; ahead of all calls, so none runs without it. */
  #restore(connection: Connection): void {
    const jobs = this.#auth.map((auth) => this.#sendAuth(connection, auth));
    for (const sets of this.#options.watches.portions()) {
      jobs.push(
        connection.control(reservedXid.setWatches, 'setWatches', (writer) => {
          writeSetWatches2(writer, this.#lastZxid, sets);
        }),
      );
    }
    Promise.all(jobs).catch((error: unknown) => {
      const cause = lostError(`could not be set up: ${messageOf(error)}`, error);
      if (connection === this.#connection) this.#warn('now connected', cause);
      connection.end(cause);
    });
  }

  #sendAuth(connection: Connection, { scheme, auth }: Auth): Promise<void> {
    return connection.control(reservedXid.auth, `auth ${scheme}`, (writer) => {
      writeAuth(writer, scheme, Buffer.from(auth));
    });
  }

  #onLost(connection: Connection, error: ZooKeeperError, unanswered: PendingCall[]): void {
    const isClosed = this.#state === 'closed';
    const open = unanswered.filter((call) => !call.isSettled);
    for (const call of open) {
      if (isClosed) call.failWith('ZK_CLOSED', 'the client was closed before the reply came');
      else if (!call.isRead) call.failWith('ZK_CONNECTION_LOSS', error.message, error);
    }
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    const now = this.#clock.monotonic();
    if (now - this.#attachedAt >= STABLE_MS) this.#rotation.reset();
    if (!isClosed) {
      this.backlog.putBack(open.filter((call) => call.isRead));
      this.#heardAt = Math.max(this.#heardAt, connection.heardAt);
      this.#lastZxid = connection.lastZxid > 0n ? connection.lastZxid : this.#lastZxid;
      this.#options.log.warn('connection to ZooKeeper lost', { error: error.message });
      this.#awaitOverdue(now);
      this.#apply('lost');
    }
    this.#options.watches.endOnce();
    this.#onEnded?.();
  }

  #awaitOverdue(now: number): void {
    const left = this.#heardAt + (this.#identity?.timeoutMs ?? 0) - now;
    this.#cancelOverdue = this.#clock.after(Math.max(0, left), () => {
      this.#expire('overdue');
    });
  }

  #expire(event: 'refused' | 'overdue'): void {
    const identity = this.#identity;
    this.#cancelOverdue?.();
    this.#identity = undefined;
    this.#lastZxid = 0n;
    this.#heardAt = 0;
    this.#options.counters.expiries++;
    this.#rotation.reset();
    const reason = new ZooKeeperError(
      'ZK_SESSION_EXPIRED',
      event === 'refused' ? 'the server ended the session' : 'no server was reached in time',
      { labels: ['retryable'] },
    );
    this.#options.log.warn('ZooKeeper session expired', { reason: reason.message });
    this.#attempt?.abort(reason);
    identity?.end.abort(reason);
    this.backlog.failAll('ZK_SESSION_EXPIRED', reason.message, reason);
    this.#apply(event);
    this.#apply('renewed');
  }

  #apply(event: SessionEvent): void {
    const before = this.#state;
    if (before === 'closed') return;
    const state = nextState(before, event);
    if (state === before) return;
    this.#state = state;
    if (stateChannel.hasSubscribers) stateChannel.publish({ state } satisfies StateMessage);
    for (const listener of [...this.#listeners]) {
      try {
        listener(state);
      } catch (error) {
        this.#options.log.error('a listener to the ZooKeeper state failed', {
          error: messageOf(error),
        });
      }
    }
  }
}

function newIdentity(response: ConnectResponse): Identity {
  const end = new AbortController();
  const { sessionId: id, password, timeoutMs } = response;
  return { id, password, timeoutMs, end, handle: { id, signal: end.signal } };
}

function closedError(): ZooKeeperError {
  return new ZooKeeperError('ZK_CLOSED', 'the ZooKeeper client was closed');
}
