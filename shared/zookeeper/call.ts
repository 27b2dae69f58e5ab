/**
 * One call on its way: what is sent, who waits for the answer, until when.
 *
 *   waiting -> sent -> settled        A read whose connection is lost goes back to waiting.
 *      |                  ^
 *      +------------------+           deadline, abort, expiry, close
 *
 * A sent call that was given up stays in the connection's queue, because its reply still comes.
 */
import { abortReason } from '../base/wait.ts';
import { ZooKeeperError } from '../base/errors.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { errorOfReply, serverError } from './errors.ts';
import type { JuteReader, JuteWriter } from './jute.ts';

/** What is known beside a reply's body. */
export interface ReplyContext {
  /** The transaction of the reply. */
  readonly lastZxid: bigint;
  readonly sessionId: bigint;
}

/** How one kind of request is written and its reply read. */
export interface Operation<A, T> {
  readonly name: string;
  /** A read may be sent again after a lost connection without being asked. */
  readonly isRead: boolean;
  /** Some operations choose their code by the arguments. */
  code(args: A): number;
  /** What errors are about. */
  subject(args: A): string;
  write(writer: JuteWriter, args: A): void;
  /** The answer where there is no such znode, if that is none of an error. */
  readonly noNode?: () => T;
  /** An error as the answer rejects the call. */
  read(reader: JuteReader, args: A, context: ReplyContext): T | ZooKeeperError;
}

/** What the connection needs of a call, whatever its types are. */
export interface PendingCall {
  xid: number;
  /** By the monotonic clock, in milliseconds. */
  sentAt: number;
  readonly deadline: number;
  readonly name: string;
  readonly subject: string;
  readonly isRead: boolean;
  readonly isSettled: boolean;
  readonly opCode: number;
  write(writer: JuteWriter): void;
  /** Settles by a reply's body. Throws ZK_PROTOCOL, unsettled, if that makes no sense. */
  reply(reader: JuteReader, errorNumber: number, context: ReplyContext): void;
  fail(error: Error): void;
  /** Fails with a code; the text is made only here. */
  failWith(code: ErrorCode, message: string, cause?: unknown): void;
}

export interface CallTimes {
  readonly now: number;
  readonly timeoutMs: number;
}

export class Call<A, T> implements PendingCall {
  xid = 0;
  sentAt = -1;
  isSettled = false;
  readonly deadline: number;
  readonly promise: Promise<T>;
  readonly #operation: Operation<A, T>;
  readonly #args: A;
  #resolve!: (value: T) => void;
  #reject!: (error: Error) => void;
  #group: Set<PendingCall> | undefined;

  constructor(operation: Operation<A, T>, args: A, times: CallTimes) {
    this.#operation = operation;
    this.#args = args;
    this.deadline = times.now + times.timeoutMs;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get name(): string {
    return this.#operation.name;
  }

  get subject(): string {
    return `${this.#operation.name} ${this.#operation.subject(this.#args)}`;
  }

  get isRead(): boolean {
    return this.#operation.isRead;
  }

  get opCode(): number {
    return this.#operation.code(this.#args);
  }

  write(writer: JuteWriter): void {
    this.#operation.write(writer, this.#args);
  }

  reply(reader: JuteReader, errorNumber: number, context: ReplyContext): void {
    if (this.isSettled) return;
    const answer = this.#answer(reader, errorNumber, context);
    if (answer instanceof ZooKeeperError) this.fail(answer);
    else if (this.#settle()) this.#resolve(answer);
  }

  #answer(reader: JuteReader, errorNumber: number, context: ReplyContext): T | ZooKeeperError {
    const operation = this.#operation;
    if (errorNumber === 0) return operation.read(reader, this.#args, context);
    if (errorNumber === serverError.noNode && operation.noNode) return operation.noNode();
    return errorOfReply(errorNumber, this.subject);
  }

  fail(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  failWith(code: ErrorCode, message: string, cause?: unknown): void {
    if (this.isSettled) return;
    const isAmbiguous = this.sentAt >= 0 && !this.isRead;
    const labels = isAmbiguous ? (['retryable', 'ambiguous'] as const) : (['retryable'] as const);
    this.fail(new ZooKeeperError(code, `${this.subject}: ${message}`, { labels, cause }));
  }

  /** The call leaves the set when it is settled. */
  joinGroup(group: Set<PendingCall>): void {
    group.add(this);
    this.#group = group;
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    this.#group?.delete(this);
    return true;
  }
}

/**
 * Calls by the signal that can abort them. One listener a signal, however many calls share it, and
 * it stays for a while when the last call is done: adding and removing one costs more than a call.
 */
export class SignalGroups {
  readonly #groups = new Map<AbortSignal, { calls: Set<PendingCall>; onAbort: () => void }>();

  join(call: { joinGroup(group: Set<PendingCall>): void }, signal: AbortSignal): void {
    let group = this.#groups.get(signal);
    if (!group) {
      const calls = new Set<PendingCall>();
      const onAbort = (): void => {
        this.#groups.delete(signal);
        const reason = abortReason(signal);
        for (const one of calls) one.fail(reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      group = { calls, onAbort };
      this.#groups.set(signal, group);
    }
    call.joinGroup(group.calls);
  }

  /** Forgets the signals that no call waits for any more. */
  sweep(): void {
    for (const [signal, group] of this.#groups) {
      if (group.calls.size > 0) continue;
      signal.removeEventListener('abort', group.onAbort);
      this.#groups.delete(signal);
    }
  }

  get size(): number {
    return this.#groups.size;
  }
}
