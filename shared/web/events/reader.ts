/**
 * One reader of the event stream: sends it a snapshot piece by piece as it takes them, and in between
 * what changes. One that cannot keep up is told no more changes, and gets a new snapshot when it has
 * taken what is on the way; one that takes nothing is closed.
 */
import type { ServerResponse } from 'node:http';

import type { Clock } from '../../base/clock.ts';
import { GZIP_HEAD, type Frame } from './frames.ts';
import type { Turns } from './turns.ts';

export interface ReaderLimits {
  /** Changes that may be on the way, in bytes; what is beyond is not kept. */
  readonly maxUnsentBytes: number;
  /** All that is on the way has to be taken within so long. */
  readonly stalledMs: number;
}

export const READER_LIMITS: ReaderLimits = { maxUnsentBytes: 1024 ** 2, stalledMs: 30_000 };

export class EventReader {
  readonly #raw: ServerResponse;
  readonly #isPacked: boolean;
  readonly #clock: Clock;
  readonly #limits: ReaderLimits;
  readonly #turns: Turns;
  readonly #snapshot: () => Iterator<Frame, void>;
  /** What is still to be sent of a snapshot. */
  #pieces: Iterator<Frame, void> | undefined;
  #isPumping = false;
  /** Told nothing: what it misses will be in its next snapshot. */
  #isBehind = false;
  #isClosed = false;
  /** Bytes that may be on the way before the reader counts as slow: a piece is none of its fault. */
  #allowance: number;
  #cancelDeadline: (() => void) | undefined;

  constructor(options: {
    readonly raw: ServerResponse;
    /** Compressed by gzip. */
    readonly isPacked: boolean;
    readonly clock: Clock;
    readonly limits: ReaderLimits;
    /** Shared by all readers. */
    readonly turns: Turns;
    /** Everything, from the beginning. */
    readonly snapshot: () => Iterator<Frame, void>;
  }) {
    this.#raw = options.raw;
    this.#isPacked = options.isPacked;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#turns = options.turns;
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
  begin(hello: Frame): void {
    if (this.#isPacked) this.#write(GZIP_HEAD);
    this.#write(this.#bytesOf(hello));
    this.#restart();
  }

  send(frame: Frame): void {
    if (this.#isBehind || this.#isClosed) return;
    const bytes = this.#bytesOf(frame);
    if (this.#raw.writableLength + bytes.length <= this.#allowance) {
      this.#write(bytes);
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

  #bytesOf(frame: Frame): Buffer {
    return this.#isPacked ? frame.packed : frame.plain;
  }

  #write(bytes: Buffer): void {
    if (this.#raw.write(bytes)) return;
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

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#turns.add(() => {
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
    const piece = this.#bytesOf(next.value);
    this.#allowance = this.#limits.maxUnsentBytes + piece.length;
    this.#write(piece);
    this.#pump();
  }
}
