/**
 * One reader of the event stream: sends it a snapshot piece by piece as it takes them, and in between
 * what changes. One that cannot keep up is told no more changes, and gets a new snapshot when it has
 * taken what is on the way; one that takes nothing is closed.
 */
import type { ServerResponse } from 'node:http';

import type { Clock } from '../../base/clock.ts';

export interface ReaderLimits {
  /** Changes that may be on the way, in bytes; what is beyond is not kept. */
  readonly maxUnsentBytes: number;
  /** All that is on the way has to be taken within so long. */
  readonly stalledMs: number;
}

export const READER_LIMITS: ReaderLimits = { maxUnsentBytes: 1024 ** 2, stalledMs: 30_000 };

export class EventReader {
  readonly #raw: ServerResponse;
  readonly #clock: Clock;
  readonly #limits: ReaderLimits;
  readonly #snapshot: () => Iterator<Buffer, void>;
  /** What is still to be sent of a snapshot. */
  #pieces: Iterator<Buffer, void> | undefined;
  #isPumping = false;
  /** Told nothing: what it misses will be in its next snapshot. */
  #isBehind = false;
  #isClosed = false;
  /** Bytes that may be on the way before the reader counts as slow: a piece is none of its fault. */
  #allowance: number;
  #cancelDeadline: (() => void) | undefined;

  constructor(options: {
    readonly raw: ServerResponse;
    readonly clock: Clock;
    readonly limits: ReaderLimits;
    /** Everything, from the beginning. */
    readonly snapshot: () => Iterator<Buffer, void>;
  }) {
    this.#raw = options.raw;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#snapshot = options.snapshot;
    this.#allowance = options.limits.maxUnsentBytes;
    this.#raw.on('drain', () => {
      this.#drained();
    });
    this.#raw.once('close', () => {
      this.#isClosed = true;
      this.#cancelDeadline?.();
    });
  }

  /** Says hello, then everything. */
  begin(hello: Buffer): void {
    this.#write(hello);
    this.#restart();
  }

  send(frame: Buffer): void {
    if (this.#isBehind || this.#isClosed) return;
    if (this.#raw.writableLength + frame.length <= this.#allowance) {
      this.#write(frame);
      return;
    }
    this.#isBehind = true;
    this.#pieces = undefined;
    // Nothing is on the way: the frame alone is too large, and a snapshot has it in pieces.
    if (!this.#raw.writableNeedDrain) this.#restart();
  }

  end(): void {
    this.#isClosed = true;
    this.#cancelDeadline?.();
    this.#raw.end();
  }

  #write(frame: Buffer): void {
    if (this.#raw.write(frame)) return;
    this.#cancelDeadline ??= this.#clock.after(this.#limits.stalledMs, () => {
      this.#raw.destroy();
    });
  }

  #drained(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    this.#allowance = this.#limits.maxUnsentBytes;
    if (this.#isClosed) return;
    if (this.#isBehind && this.#pieces === undefined) this.#restart();
    else this.#pump();
  }

  /** Everything anew. What is told before its first piece is in it anyway. */
  #restart(): void {
    this.#isBehind = true;
    this.#pieces = this.#snapshot();
    this.#pump();
  }

  /** One piece a turn of the event loop: whoever else has work comes in between. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#sendPiece();
    });
  }

  #sendPiece(): void {
    if (this.#isClosed || this.#pieces === undefined || this.#raw.writableNeedDrain) return;
    this.#isBehind = false;
    const next = this.#pieces.next();
    if (next.done === true) {
      this.#pieces = undefined;
      return;
    }
    const piece = next.value;
    this.#allowance = this.#limits.maxUnsentBytes + piece.length;
    this.#write(piece);
    this.#pump();
  }
}
