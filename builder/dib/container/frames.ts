/**
 * What a container says, out of the frames that Docker packs it into: a header of eight bytes (the
 * stream, three zeros, the length as a big-endian number), then as many bytes. Both streams become one,
 * in the order in which they come.
 *
 * It can be told to leave out what is known already: the log of a container is always read from its
 * start, so that nothing is lost or doubled when a connection is.
 *
 * Facts: docs.docker.com/reference/api/engine, "Attach to a container", stream format.
 */
const HEADER = 8;
const LENGTH_AT = 4;

export class FrameReader {
  #skip: number;
  readonly #header = Buffer.alloc(HEADER);
  #headerLength = 0;
  /** Of the frame's content, still to come. */
  #left = 0;

  /** `skip`: bytes of content that are left out. */
  constructor(skip: number) {
    this.#skip = skip;
  }

  /** The content in what came; no copies. */
  read(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        at += this.#readHeader(chunk, at);
        continue;
      }
      const end = Math.min(at + this.#left, chunk.length);
      this.#left -= end - at;
      const from = Math.min(at + this.#skip, end);
      this.#skip -= from - at;
      if (from < end) pieces.push(chunk.subarray(from, end));
      at = end;
    }
    return pieces;
  }

  #readHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerLength, at);
    this.#headerLength += taken;
    if (this.#headerLength === HEADER) {
      this.#left = this.#header.readUInt32BE(LENGTH_AT);
      this.#headerLength = 0;
    }
    return taken;
  }
}
