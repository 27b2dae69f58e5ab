/**
 * Transactions: several writes and checks in one request, all or nothing.
 *
 *   request:  { MultiHeader; record }* MultiHeader{-1, true, -1}
 *   response: { MultiHeader; result }* MultiHeader{-1, true, -1}
 *   class MultiHeader { int type; boolean done; int err; }
 *
 * Where one operation fails, every result is an error (int err): 0 for those before it, its own
 * for the culprit, -2 for those after it. Older servers answer a create with its path alone (seen of
 * 3.6.4, 3.8.0, which Debian 12 has, and 3.8.1, not of 3.7.2, 3.8.2 and 3.9.5): its stat is then made
 * from what is known of a new znode, and the times in it are 0. Source: MultiOperationRecord.java, MultiResponse.java.
 */
import { errorOfReply, MultiError, protocolError, serverError } from './errors.ts';
import type { ReplyContext } from './call.ts';
import type { JuteReader, JuteWriter } from './jute.ts';
import { createFlags, opCode, readStat, writeAcls } from './protocol.ts';
import { ANY_VERSION, OPEN_ACL } from './types.ts';
import type { MultiOp, MultiResult, Stat } from './types.ts';

const NO_DATA = new Uint8Array(0);

export type CreateOp = Extract<MultiOp, { op: 'create' }>;

/** Containers and TTL znodes have op codes of their own. */
export function createOpCode(op: CreateOp): number {
  if (op.mode === 'container') return opCode.createContainer;
  return isTtl(op) ? opCode.createTtl : opCode.create2;
}

function isTtl(op: CreateOp): boolean {
  return op.mode === 'persistentWithTtl' || op.mode === 'persistentSequentialWithTtl';
}

/** class CreateRequest { ustring path; buffer data; vector<ACL> acl; int flags; } [long ttl] */
export function writeCreate(writer: JuteWriter, op: CreateOp, path: string): void {
  writer.string(path);
  writer.bytes(op.data ?? NO_DATA);
  writeAcls(writer, op.acl ?? OPEN_ACL);
  writer.int(createFlags[op.mode ?? 'persistent']);
  if (isTtl(op)) writer.long(BigInt(op.ttlMs ?? 0));
}

/** `absolute` puts the chroot before a path. */
export function writeMulti(
  writer: JuteWriter,
  ops: readonly MultiOp[],
  absolute: (path: string) => string,
): void {
  for (const op of ops) writeOp(writer, op, absolute(op.path));
  writeMultiHeader(writer, opCode.error, true);
}

function writeOp(writer: JuteWriter, op: MultiOp, path: string): void {
  switch (op.op) {
    case 'create':
      writeMultiHeader(writer, createOpCode(op), false);
      writeCreate(writer, op, path);
      return;
    case 'set':
      writeMultiHeader(writer, opCode.setData, false);
      writer.string(path);
      writer.bytes(op.data);
      break;
    case 'delete':
    case 'check':
      writeMultiHeader(writer, op.op === 'delete' ? opCode.delete : opCode.check, false);
      writer.string(path);
      break;
  }
  writer.int(op.version ?? ANY_VERSION);
}

export function writeMultiHeader(writer: JuteWriter, type: number, isDone: boolean): void {
  writer.int(type);
  writer.bool(isDone);
  writer.int(-1);
}

export interface AnswerContext {
  readonly context: ReplyContext;
  /** Takes the chroot off a path. */
  readonly relative: (path: string) => string;
}

/** Answers the results, or the `MultiError` if the transaction was refused. */
export function readMulti(
  reader: JuteReader,
  ops: readonly MultiOp[],
  answer: AnswerContext,
): MultiResult[] | MultiError {
  const results: MultiResult[] = [];
  let failure: MultiError | undefined;
  for (const [index, op] of ops.entries()) {
    const type = reader.int();
    const isDone = reader.bool();
    reader.int();
    if (isDone) throw protocolError('a transaction has fewer results than operations');
    if (type !== opCode.error) {
      results.push(readResult(reader, type, op, answer));
      continue;
    }
    const number = reader.int();
    if (number === serverError.ok || number === serverError.runtimeInconsistency) continue;
    failure ??= new MultiError(index, errorOfReply(number, `${op.op} ${op.path}`), ops.length);
  }
  if (failure) return failure;
  if (results.length === ops.length) return results;
  throw protocolError('a transaction failed without naming the operation');
}

function readResult(
  reader: JuteReader,
  type: number,
  op: MultiOp,
  { context, relative }: AnswerContext,
): MultiResult {
  switch (type) {
    case opCode.create:
      if (op.op !== 'create') break;
      return { op: 'create', path: relative(reader.string()), stat: statOfNew(op, context) };
    case opCode.create2:
    case opCode.createContainer:
    case opCode.createTtl:
      return { op: 'create', path: relative(reader.string()), stat: readStat(reader) };
    case opCode.delete:
      return { op: 'delete' };
    case opCode.setData:
      return { op: 'set', stat: readStat(reader) };
    case opCode.check:
      return { op: 'check' };
  }
  throw protocolError(`a transaction has a result of the type ${type} for ${op.op} ${op.path}`);
}

function statOfNew(op: CreateOp, { lastZxid, sessionId }: ReplyContext): Stat {
  const isEphemeral = op.mode === 'ephemeral' || op.mode === 'ephemeralSequential';
  return {
    czxid: lastZxid,
    mzxid: lastZxid,
    pzxid: lastZxid,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: isEphemeral ? sessionId : 0n,
    dataLength: op.data?.length ?? 0,
    numChildren: 0,
  };
}
