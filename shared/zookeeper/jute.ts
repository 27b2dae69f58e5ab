/**
 * Jute, the encoding of ZooKeeper's records: big-endian numbers, strings and buffers with a length.
 *
 * Knows no socket and no record. The reader takes nothing on trust: whatever reaches over the end
 * of the frame, and every length that cannot be, is a ZK_PROTOCOL error before anything is
 * allocated. Source: org.apache.jute.BinaryOutputArchive, BinaryInputArchive.
 */
import { protocolError } from './errors.ts';

const SLAB_BYTES = 64 * 1024;
/** Up to here a loop beats a call into the runtime's encoder. */
const SHORT_STRING = 80;

/**
 * Writes frames one after the other into slabs. What `take` gave away is never written again, so
 * it may be handed to a socket as it is.
 */
export class JuteWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Start of what was not taken yet. */
  #start = 0;
  #offset = 0;

  get pendingBytes(): number {
    return this.#offset - this.#start;
  }

  /** Opens a frame; the answer goes to `endFrame` or `dropFrame`. */
  beginFrame(): number {
    this.#reserve(4);
    this.#offset += 4;
    return this.#offset - this.#start;
  }

  /** Sets the frame's length and answers it. */
  endFrame(mark: number): number {
    const at = this.#start + mark;
    const length = this.#offset - at;
    this.#put(at - 4, length);
    return length;
  }

  /** Forgets a frame as if it had never been begun. */
  dropFrame(mark: number): void {
    this.#offset = this.#start + mark - 4;
  }

  /** All complete frames since the last call. */
  take(): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#offset);
    this.#start = this.#offset;
    return taken;
  }

  int(value: number): void {
    this.#reserve(4);
    this.#put(this.#offset, value);
    this.#offset += 4;
  }

  long(value: bigint): void {
    this.#reserve(8);
    this.#buffer.writeBigInt64BE(value, this.#offset);
    this.#offset += 8;
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#buffer[this.#offset++] = value ? 1 : 0;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#put(this.#offset, value.length);
    this.#buffer.set(value, this.#offset + 4);
    this.#offset += 4 + value.length;
  }

  string(value: string): void {
    // Three bytes are the most that one UTF-16 unit can take.
    this.#reserve(4 + 3 * value.length);
    const at = this.#offset + 4;
    const length = this.#ascii(value, at) ? value.length : this.#buffer.write(value, at, 'utf8');
    this.#put(this.#offset, length);
    this.#offset = at + length;
  }

  vector<T>(items: readonly T[], write: (item: T) => void): void {
    this.int(items.length);
    for (const item of items) write(item);
  }

  #ascii(value: string, at: number): boolean {
    if (value.length > SHORT_STRING) return false;
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      buffer[at + i] = unit;
    }
    return true;
  }

  #put(at: number, value: number): void {
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  #reserve(bytes: number): void {
    if (this.#offset + bytes <= this.#buffer.length) return;
    const pending = this.#offset - this.#start;
    const size = Math.max(SLAB_BYTES, 2 * (pending + bytes));
    const next = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(next, 0, this.#start, this.#offset);
    this.#buffer = next;
    this.#start = 0;
    this.#offset = pending;
  }
}

/** Reads one frame; reused for the next by `reset`. */
export class JuteReader {
  #buffer: Buffer;
  #offset: number;
  #end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#offset = start;
    this.#end = end;
  }

  reset(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.#offset = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  int(): number {
    const at = this.#advance(4);
    return this.#buffer.readInt32BE(at);
  }

  long(): bigint {
    return this.#buffer.readBigInt64BE(this.#advance(8));
  }

  /** A 64 bit number that is known to be a time: exact up to the year 287396. */
  time(): number {
    const at = this.#advance(8);
    return this.#buffer.readInt32BE(at) * 2 ** 32 + this.#buffer.readUInt32BE(at + 4);
  }

  bool(): boolean {
    return this.#buffer[this.#advance(1)] !== 0;
  }

  /** A copy: a view would keep the socket's whole chunk alive for as long as the data. */
  bytes(): Buffer {
    const length = this.#length();
    const at = this.#advance(length);
    const copy = Buffer.allocUnsafe(length);
    this.#buffer.copy(copy, 0, at, at + length);
    return copy;
  }

  string(): string {
    const length = this.#length();
    const at = this.#advance(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  /** `minItemBytes` bounds the count by what the frame can hold. */
  vector<T>(minItemBytes: number, read: () => T): T[] {
    const count = this.#length();
    if (count * minItemBytes > this.remaining)
      throw protocolError(`a list of ${count} is too long`);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  /** Buffers, strings and lists may be null on the wire (-1): here that is the same as empty. */
  #length(): number {
    const length = this.int();
    if (length < -1) throw protocolError(`a length of ${length}`);
    return Math.max(0, length);
  }

  #advance(bytes: number): number {
    const at = this.#offset;
    if (at + bytes > this.#end) throw protocolError('the frame ends too early');
    this.#offset = at + bytes;
    return at;
  }
}
