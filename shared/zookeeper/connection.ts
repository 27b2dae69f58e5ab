/**
 * One connection: the handshake, then requests out in batches and replies in, matched in order.
 *
 *   greeting -> open -> ended
 *
 * All that is sent in one turn of the event loop leaves in one write. A server that says nothing
 * for two thirds of the session timeout is given up, although it was pinged after one third. The
 * end comes once, with its reason and the calls that have no answer; what becomes of those is the
 * session's business.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { ZooKeeperError } from '../base/errors.ts';
import type { PendingCall } from './call.ts';
import { errorOfReply, lostError, protocolError, serverError, socketError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { FrameReader } from './frames.ts';
import { JuteReader, JuteWriter } from './jute.ts';
import {
  opCode,
  readConnectResponse,
  readEvent,
  reservedXid,
  writeConnectRequest,
  writeHeader,
} from './protocol.ts';
import type { ConnectRequest, ConnectResponse, ServerEvent } from './protocol.ts';

export interface ConnectionOptions {
  readonly socket: Duplex;
  readonly clock: Clock;
  /** The largest frame that is taken from the server. */
  readonly maxFrameBytes: number;
  /** The largest frame that is sent. */
  readonly maxRequestBytes: number;
  readonly counters: ConnectionCounters;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onEnd: (
    connection: Connection,
    error: ZooKeeperError,
    unanswered: PendingCall[],
  ) => void;
  /** Every settled reply, where somebody wants to know. */
  readonly onReply: ((call: PendingCall, errorNumber: number) => void) | undefined;
}

/** Sums over the life of a client. */
export interface ConnectionCounters {
  requests: number;
  replies: number;
  events: number;
  pings: number;
  writes: number;
  bytesSent: number;
  bytesReceived: number;
}

/** From here on a batch is sent without waiting for the end of the turn. */
const BATCH_BYTES = 60 * 1024;
const MAX_XID = 0x7fff_ffff;

/** After these the server closes the connection; what is still sent would be lost on the way. */
const lastReplies: ReadonlySet<number> = new Set([
  serverError.unimplemented,
  serverError.sessionExpired,
  serverError.sessionMoved,
]);

interface Control {
  readonly xid: number;
  readonly what: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #frames: FrameReader;
  readonly #reader = new JuteReader(Buffer.alloc(0));
  readonly #writer = new JuteWriter();
  readonly #inflight = new Fifo<PendingCall>();
  #controls: Control[] = [];
  #phase: 'greeting' | 'open' | 'ended' = 'greeting';
  #greeted: { resolve: (r: ConnectResponse) => void; reject: (e: Error) => void } | undefined;
  #xid = 0;
  #isFlushDue = false;
  #timeoutMs = 0;
  #cancelTimer: (() => void) | undefined;
  #receivedAt: number;
  #sentAt: number;
  #pingSentAt = 0;
  #heardAt: number;
  #sessionId = 0n;
  #zxidHigh = 0;
  #zxidLow = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#receivedAt = this.#sentAt = this.#heardAt = options.clock.monotonic();
    this.#frames = new FrameReader(options.maxFrameBytes, (buffer, start, end) => {
      this.#reader.reset(buffer, start, end);
      this.#onFrame(this.#reader);
    });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#onData(chunk);
    });
    this.#socket.on('error', (error) => {
      this.end(socketError(error));
    });
    this.#socket.on('close', () => {
      this.end(lostError('the server closed the connection'));
    });
  }

  get isEnded(): boolean {
    return this.#phase === 'ended';
  }

  /** When the server is known to have heard of us last, by the monotonic clock. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The session that the server attached; 0n before the handshake. */
  get sessionId(): bigint {
    return this.#sessionId;
  }

  get inflight(): Fifo<PendingCall> {
    return this.#inflight;
  }

  /** The last transaction that the server told of; 0n for none. */
  get lastZxid(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow);
  }

  /** The handshake. Rejects when the connection ends before the answer. */
  greet(request: ConnectRequest): Promise<ConnectResponse> {
    return new Promise((resolve, reject) => {
      this.#greeted = { resolve, reject };
      this.#frame((writer) => {
        writeConnectRequest(writer, request);
      });
      this.#flush();
    });
  }

  /** Starts pings and the watch over the server's silence. */
  keepAlive(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#schedule();
  }

  /** Queues a call; a call that cannot be sent fails. */
  send(call: PendingCall, now: number): void {
    const writer = this.#writer;
    const mark = writer.beginFrame();
    const xid = this.#xid === MAX_XID ? 1 : this.#xid + 1;
    try {
      writeHeader(writer, xid, call.opCode);
      call.write(writer);
    } catch (error) {
      writer.dropFrame(mark);
      call.failWith('ZK_BAD_ARGUMENTS', 'cannot be written', error);
      return;
    }
    const length = writer.endFrame(mark);
    if (length > this.#options.maxRequestBytes) {
      writer.dropFrame(mark);
      call.fail(tooLargeError(call.subject, length, this.#options.maxRequestBytes));
      return;
    }
    this.#xid = xid;
    call.xid = xid;
    call.sentAt = now;
    this.#inflight.push(call);
    this.#options.counters.requests++;
    this.#scheduleFlush();
  }

  /** Sends what has a reserved xid (auth, setWatches); settles with the server's answer. */
  control(xid: number, what: string, write: (writer: JuteWriter) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#controls.push({ xid, what, resolve, reject });
      this.#frame(write);
      this.#scheduleFlush();
    });
  }

  /** Ends the session at the server, after all that was sent before. Resolves at the answer. */
  closeSession(): Promise<void> {
    const xid = this.#xid === MAX_XID ? 1 : this.#xid + 1;
    return this.control(xid, 'close', (writer) => {
      writeHeader(writer, xid, opCode.closeSession);
    });
  }

  /** Gives the connection up; harmless when it has ended. */
  end(error: ZooKeeperError): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#cancelTimer?.();
    this.#socket.destroy();
    this.#greeted?.reject(error);
    const controls = this.#controls;
    this.#controls = [];
    for (const one of controls) one.reject(error);
    this.#options.onEnd(this, error, this.#inflight.drain());
  }

  #frame(write: (writer: JuteWriter) => void): void {
    const mark = this.#writer.beginFrame();
    write(this.#writer);
    this.#writer.endFrame(mark);
  }

  #scheduleFlush(): void {
    if (this.#writer.pendingBytes >= BATCH_BYTES) {
      this.#flush();
      return;
    }
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#phase === 'ended' || this.#writer.pendingBytes === 0) return;
    const batch = this.#writer.take();
    this.#sentAt = this.#clock.monotonic();
    this.#options.counters.writes++;
    this.#options.counters.bytesSent += batch.length;
    this.#socket.write(batch);
  }

  #onData(chunk: Buffer): void {
    if (this.#phase === 'ended') return;
    this.#receivedAt = this.#clock.monotonic();
    this.#options.counters.bytesReceived += chunk.length;
    try {
      this.#frames.feed(chunk);
    } catch (error) {
      const isKnown = error instanceof ZooKeeperError;
      this.end(isKnown ? error : protocolError('a reply could not be handled', error));
    }
  }

  #onFrame(reader: JuteReader): void {
    if (this.#phase === 'open') this.#onReply(reader);
    else if (this.#phase === 'greeting') {
      const response = readConnectResponse(reader);
      this.#phase = 'open';
      this.#sessionId = response.sessionId;
      this.#greeted?.resolve(response);
      this.#greeted = undefined;
    }
  }

  /** class ReplyHeader { int xid; long zxid; int err; } */
  #onReply(reader: JuteReader): void {
    const xid = reader.int();
    const zxidHigh = reader.int();
    const zxidLow = reader.int() >>> 0;
    const errorNumber = reader.int();
    if (xid === reservedXid.notification) {
      this.#options.counters.events++;
      this.#options.onEvent(readEvent(reader));
      return;
    }
    if (zxidHigh >= 0 && (zxidHigh > 0 || zxidLow > 0)) {
      this.#zxidHigh = zxidHigh;
      this.#zxidLow = zxidLow;
    }
    const call = this.#inflight.peek();
    if (call?.xid === xid) this.#onCallReply(call, reader, errorNumber);
    else if (xid === reservedXid.ping) this.#heardAt = Math.max(this.#heardAt, this.#pingSentAt);
    else this.#onControlReply(xid, errorNumber);
  }

  #onCallReply(call: PendingCall, reader: JuteReader, errorNumber: number): void {
    call.reply(reader, errorNumber, this);
    this.#inflight.shift();
    this.#options.counters.replies++;
    if (call.sentAt > this.#heardAt) this.#heardAt = call.sentAt;
    this.#options.onReply?.(call, errorNumber);
    if (lastReplies.has(errorNumber)) this.end(lostError('the server ends the connection'));
  }

  #onControlReply(xid: number, errorNumber: number): void {
    const index = this.#controls.findIndex((one) => one.xid === xid);
    const control = this.#controls[index];
    if (!control) throw protocolError(`a reply to nothing, xid ${xid}`);
    this.#controls.splice(index, 1);
    if (errorNumber === 0) control.resolve();
    else control.reject(errorOfReply(errorNumber, control.what));
  }

  #schedule(): void {
    const third = this.#timeoutMs / 3;
    const dueAt = Math.min(this.#receivedAt + 2 * third, this.#sentAt + third);
    this.#cancelTimer = this.#clock.after(Math.max(1, dueAt - this.#clock.monotonic()), () => {
      this.#onTimer();
    });
  }

  #onTimer(): void {
    if (this.#isSilent()) {
      // The process itself may have been away: what lies in the socket is read before the verdict.
      setImmediate(() => {
        if (this.#phase === 'ended') return;
        if (this.#isSilent()) this.end(lostError('the server does not answer'));
        else this.#schedule();
      });
      return;
    }
    const now = this.#clock.monotonic();
    if (now - this.#sentAt >= this.#timeoutMs / 3) this.#ping(now);
    this.#schedule();
  }

  #isSilent(): boolean {
    return this.#clock.monotonic() - this.#receivedAt >= (2 * this.#timeoutMs) / 3;
  }

  #ping(now: number): void {
    this.#pingSentAt = now;
    this.#options.counters.pings++;
    this.#frame((writer) => {
      writeHeader(writer, reservedXid.ping, opCode.ping);
    });
    this.#flush();
  }
}

function tooLargeError(subject: string, length: number, limit: number): ZooKeeperError {
  return new ZooKeeperError('ZK_TOO_LARGE', `${subject}: ${length} bytes, at most ${limit}`, {
    hint: 'raise jute.maxbuffer on the servers and maxRequestBytes here, or write less',
  });
}
