/** What a server sends, for tests that play the server. */
import { JuteWriter } from '../../../shared/zookeeper/jute.ts';

/** One frame with its length in front. */
export function frame(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return writer.take();
}

export interface Reply {
  readonly xid: number;
  readonly zxid?: bigint;
  readonly error?: number;
  readonly body?: (writer: JuteWriter) => void;
}

export function replyFrame({ xid, zxid = 1n, error = 0, body }: Reply): Buffer {
  return frame((writer) => {
    writer.int(xid);
    writer.long(zxid);
    writer.int(error);
    body?.(writer);
  });
}

export function connectResponse(
  parts: { timeoutMs?: number; sessionId?: bigint; isReadOnly?: boolean } = {},
): Buffer {
  return frame((writer) => {
    writer.int(0);
    writer.int(parts.timeoutMs ?? 6_000);
    writer.long(parts.sessionId ?? 77n);
    writer.bytes(Buffer.alloc(16, 1));
    writer.bool(parts.isReadOnly ?? false);
  });
}

export function eventFrame(type: number, path: string): Buffer {
  return replyFrame({
    xid: -1,
    zxid: -1n,
    body(writer) {
      writer.int(type);
      writer.int(3);
      writer.string(path);
    },
  });
}

/** The numbers of a stat in the order of the wire: 1, 2, 3, ... */
export function writeStat(writer: JuteWriter): void {
  for (const time of [1n, 2n, 3n, 4n]) writer.long(time);
  for (const number of [5, 6, 7]) writer.int(number);
  writer.long(8n);
  for (const number of [9, 10]) writer.int(number);
  writer.long(11n);
}

export const STAT = {
  czxid: 1n,
  mzxid: 2n,
  ctime: 3,
  mtime: 4,
  version: 5,
  cversion: 6,
  aversion: 7,
  ephemeralOwner: 8n,
  dataLength: 9,
  numChildren: 10,
  pzxid: 11n,
};
