/**
 * Several reads in one request, each with its own answer or error. Servers from 3.6 on.
 *
 *   request:  { MultiHeader; GetDataRequest | GetChildrenRequest }* MultiHeader{-1, true, -1}
 *   response: { MultiHeader; GetDataResponse | GetChildrenResponse | int err }* MultiHeader{-1, true, -1}
 *
 * Not a snapshot: a write may come between two of the reads. Source: FinalRequestProcessor.java
 * (OpCode.multiRead), MultiOperationRecord.java, MultiResponse.java.
 */
import type { Operation } from './call.ts';
import { errorOfReply, protocolError } from './errors.ts';
import { writeMultiHeader } from './multi.ts';
import type { PathView } from './operations.ts';
import { opCode, readStat } from './protocol.ts';
import type { JuteReader } from './jute.ts';
import type { ReadOp, ReadResult } from './types.ts';

const MIN_STRING_BYTES = 4;

const codes = { get: opCode.getData, children: opCode.getChildren } as const;

export const multiReadOperation: Operation<
  { readonly ops: readonly ReadOp[]; readonly view: PathView },
  ReadResult[]
> = {
  name: 'multiRead',
  isRead: true,
  code: () => opCode.multiRead,
  subject: ({ ops }) => `of ${ops.length} reads`,
  write(writer, { ops, view }) {
    for (const { op, path } of ops) {
      writeMultiHeader(writer, codes[op], false);
      writer.string(view.absolute(path));
      writer.bool(false);
    }
    writeMultiHeader(writer, opCode.error, true);
  },
  read: (reader, { ops }) => ops.map((op) => readOne(reader, op)),
};

function readOne(reader: JuteReader, { op, path }: ReadOp): ReadResult {
  const type = reader.int();
  const isDone = reader.bool();
  reader.int();
  if (isDone) throw protocolError('fewer answers than reads');
  if (type === opCode.error) {
    return { op: 'error', error: errorOfReply(reader.int(), `${op} ${path}`) };
  }
  if (type !== codes[op]) throw protocolError(`an answer of the type ${type} to ${op} ${path}`);
  if (op === 'get') return { op, data: reader.bytes(), stat: readStat(reader) };
  return { op, children: reader.vector(MIN_STRING_BYTES, () => reader.string()) };
}
