/**
 * The words of server-sent events, as bytes that all readers share: plain, or compressed once for all of
 * them. Each compressed frame stands for itself and ends at a byte, so that any of them may follow any
 * other in one stream (RFC 1951; the head is that of RFC 1952). Such a stream has no trailer: it ends
 * when the connection does.
 */
import { constants, deflateRawSync } from 'node:zlib';

/** Of the head of a file of gzip: no name, no time, made on an unknown system. */
export const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** JSON of many alike rows gets ten times smaller with the least work. */
const PACKING = { level: 1, finishFlush: constants.Z_SYNC_FLUSH } as const;

/** The compressor takes longer to begin than to do so many bytes. */
const WORTH_PACKING = 1000;
/** Of a block: it is not the last one and not compressed, its length, the same inverted. */
const STORED_HEAD = 5;

export class Frame {
  readonly plain: Buffer;
  #packed: Buffer | undefined;

  constructor(text: string) {
    this.plain = Buffer.from(text);
  }

  /** Part of a stream that begins with `GZIP_HEAD`. Made when it is asked for first. */
  get packed(): Buffer {
    this.#packed ??=
      this.plain.length > WORTH_PACKING ? deflateRawSync(this.plain, PACKING) : stored(this.plain);
    return this.#packed;
  }
}

/** A block of the format that holds its content as it is. */
function stored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(STORED_HEAD);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([head, bytes]);
}

/** Keeps proxies from ending a connection on which nothing happens. */
export const PING = new Frame(': ping\n\n');

/** `json` is one line. */
export function eventFrame(event: string, json: string): Frame {
  return new Frame(`event: ${event}\ndata: ${json}\n\n`);
}

/** `set`: rows as JSON; `gone`: ids. */
export function changeFrame(
  topic: string,
  { set, gone }: { readonly set: readonly string[]; readonly gone: readonly string[] },
): Frame {
  const head = `{"topic":${JSON.stringify(topic)}`;
  return eventFrame('change', `${head},"set":[${set.join(',')}],"gone":${JSON.stringify(gone)}}`);
}
