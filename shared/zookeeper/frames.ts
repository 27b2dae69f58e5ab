/**
 * Cuts a stream of bytes into frames: four bytes of length, then so many bytes.
 *
 * A frame that lies whole in one chunk is not copied; a split one is put together once. A length
 * over the limit is an error before anything is stored for it.
 */
import { protocolError } from './errors.ts';

export class FrameReader {
  readonly #maxBytes: number;
  readonly #onFrame: (buffer: Buffer, start: number, end: number) => void;
  /** The beginning of a frame whose rest has not come yet. */
  #parts: Buffer[] = [];
  #have = 0;
  /** How many bytes must be there before it is worth looking again. */
  #need = 4;

  constructor(maxBytes: number, onFrame: (buffer: Buffer, start: number, end: number) => void) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** Calls back for every frame that is complete; the buffer is only valid meanwhile. */
  feed(chunk: Buffer): void {
    if (this.#have > 0) {
      this.#parts.push(chunk);
      this.#have += chunk.length;
      if (this.#have < this.#need) return;
      chunk = Buffer.concat(this.#parts, this.#have);
      this.#parts = [];
      this.#have = 0;
    }
    const rest = this.#frames(chunk);
    if (rest < chunk.length) {
      this.#parts.push(rest === 0 ? chunk : chunk.subarray(rest));
      this.#have = chunk.length - rest;
    }
  }

  #frames(chunk: Buffer): number {
    let at = 0;
    for (;;) {
      this.#need = 4;
      if (chunk.length - at < 4) return at;
      const length = chunk.readInt32BE(at);
      if (length < 0 || length > this.#maxBytes) {
        throw protocolError(`a frame of ${length} bytes; at most ${this.#maxBytes} are allowed`);
      }
      this.#need = 4 + length;
      if (chunk.length - at < this.#need) return at;
      const start = at + 4;
      at += this.#need;
      this.#onFrame(chunk, start, at);
    }
  }
}
