/**
 * The requests that have a reply of their own, one operation a kind: layout, code, answer.
 *
 * Paths in arguments are absolute on the server (with the chroot). Source: zookeeper.jute 3.9.
 */
import type { ZooKeeperError } from '../base/errors.ts';
import type { Operation } from './call.ts';
import type { JuteReader, JuteWriter } from './jute.ts';
import { createOpCode, readMulti, writeCreate, writeMulti } from './multi.ts';
import type { CreateOp } from './multi.ts';
import { opCode, readAcls, readStat, writeAcls } from './protocol.ts';
import type { Acl, MultiOp, MultiResult, Stat, WatchMode } from './types.ts';

/** How paths get their chroot and lose it again. */
export interface PathView {
  absolute(path: string): string;
  relative(path: string): string;
}

interface VersionedPath {
  readonly path: string;
  readonly version: number;
}

const nothing = (): undefined => undefined;
const pathOf = (args: { readonly path: string }): string => args.path;
const itself = (path: string): string => path;

/** class XRequest { ustring path; boolean watch; }: exists, getData, getChildren2. */
function writeUnwatched(writer: JuteWriter, path: string): void {
  writer.string(path);
  writer.bool(false);
}

/** class XRequest { ustring path; }: getACL, sync. */
function writePath(writer: JuteWriter, path: string): void {
  writer.string(path);
}

/** class DeleteRequest { ustring path; int version; } */
export const deleteOperation: Operation<VersionedPath, undefined> = {
  name: 'delete',
  isRead: false,
  code: () => opCode.delete,
  subject: pathOf,
  write(writer, { path, version }) {
    writer.string(path);
    writer.int(version);
  },
  read: nothing,
};

/** class Create2Response { ustring path; Stat stat; }, also for containers and TTL znodes. */
export const createOperation: Operation<
  { readonly path: string; readonly op: CreateOp; readonly view: PathView },
  { path: string; stat: Stat }
> = {
  name: 'create',
  isRead: false,
  code: ({ op }) => createOpCode(op),
  subject: pathOf,
  write: (writer, { op, path }) => {
    writeCreate(writer, op, path);
  },
  read: (reader, { view }) => ({ path: view.relative(reader.string()), stat: readStat(reader) }),
};

export const existsOperation: Operation<string, Stat | undefined> = {
  name: 'exists',
  isRead: true,
  code: () => opCode.exists,
  subject: itself,
  write: writeUnwatched,
  noNode: nothing,
  read: readStat,
};

/** class GetDataResponse { buffer data; Stat stat; } */
export const getOperation: Operation<string, { data: Buffer; stat: Stat }> = {
  name: 'get',
  isRead: true,
  code: () => opCode.getData,
  subject: itself,
  write: writeUnwatched,
  read: (reader) => ({ data: reader.bytes(), stat: readStat(reader) }),
};

/** Sets the server's watch with the read; `onWatched` comes before any event of it. */
export const getAndWatchOperation: Operation<
  { readonly path: string; readonly onWatched: () => void },
  { data: Buffer; stat: Stat }
> = {
  name: 'get',
  isRead: true,
  code: () => opCode.getData,
  subject: pathOf,
  write(writer, { path }) {
    writer.string(path);
    writer.bool(true);
  },
  read(reader, { onWatched }) {
    const answer = { data: reader.bytes(), stat: readStat(reader) };
    onWatched();
    return answer;
  },
};

/** class SetDataRequest { ustring path; buffer data; int version; } */
export const setOperation: Operation<VersionedPath & { readonly data: Uint8Array }, Stat> = {
  name: 'set',
  isRead: false,
  code: () => opCode.setData,
  subject: pathOf,
  write(writer, { path, data, version }) {
    writer.string(path);
    writer.bytes(data);
    writer.int(version);
  },
  read: readStat,
};

const MIN_STRING_BYTES = 4;
const readStrings = (reader: JuteReader): string[] =>
  reader.vector(MIN_STRING_BYTES, () => reader.string());

/** class GetChildren2Response { vector<ustring> children; Stat stat; } */
export const childrenOperation: Operation<string, { children: string[]; stat: Stat }> = {
  name: 'children',
  isRead: true,
  code: () => opCode.getChildren2,
  subject: itself,
  write: writeUnwatched,
  read: (reader) => ({ children: readStrings(reader), stat: readStat(reader) }),
};

/** class GetACLResponse { vector<ACL> acl; Stat stat; } */
export const getAclOperation: Operation<string, { acl: Acl[]; stat: Stat }> = {
  name: 'getAcl',
  isRead: true,
  code: () => opCode.getAcl,
  subject: itself,
  write: writePath,
  read: (reader) => ({ acl: readAcls(reader), stat: readStat(reader) }),
};

/** class SetACLRequest { ustring path; vector<ACL> acl; int version; } */
export const setAclOperation: Operation<VersionedPath & { readonly acl: readonly Acl[] }, Stat> = {
  name: 'setAcl',
  isRead: false,
  code: () => opCode.setAcl,
  subject: pathOf,
  write(writer, { path, acl, version }) {
    writer.string(path);
    writeAcls(writer, acl);
    writer.int(version);
  },
  read: readStat,
};

export const syncOperation: Operation<string, undefined> = {
  name: 'sync',
  isRead: true,
  code: () => opCode.sync,
  subject: itself,
  write: writePath,
  read: nothing,
};

export const multiOperation: Operation<
  { readonly ops: readonly MultiOp[]; readonly view: PathView },
  MultiResult[]
> = {
  name: 'multi',
  isRead: false,
  code: () => opCode.multi,
  subject: ({ ops }) => `of ${ops.length} operations`,
  write(writer, { ops, view }) {
    writeMulti(writer, ops, (path) => view.absolute(path));
  },
  read: (reader, { ops, view }, context): MultiResult[] | ZooKeeperError =>
    readMulti(reader, ops, { context, relative: (path) => view.relative(path) }),
};

const addWatchModes: Readonly<Record<WatchMode, number>> = {
  persistent: 0,
  persistentRecursive: 1,
};

/**
 * class AddWatchRequest { ustring path; int mode; }  Told to be a read: adding the same watch again
 * changes nothing.
 */
export const addWatchOperation: Operation<
  { readonly path: string; readonly mode: WatchMode },
  undefined
> = {
  name: 'addWatch',
  isRead: true,
  code: () => opCode.addWatch,
  subject: pathOf,
  write(writer, { path, mode }) {
    writer.string(path);
    writer.int(addWatchModes[mode]);
  },
  read: nothing,
};

/** WatcherType.Any: the only one that removes persistent watches on all servers from 3.6 on. */
const ANY_WATCH = 3;

/** class RemoveWatchesRequest { ustring path; int type; } */
export const removeWatchesOperation: Operation<string, undefined> = {
  name: 'removeWatches',
  isRead: true,
  code: () => opCode.removeWatches,
  subject: itself,
  write(writer, path) {
    writer.string(path);
    writer.int(ANY_WATCH);
  },
  read: nothing,
};
