/**
 * ZooKeeper's numbers and shared records: op codes, reserved xids, stat, ACL, the handshake.
 *
 * Layouts stand above their codecs in Jute's own notation; source: zookeeper.jute and
 * ZooDefs.java of ZooKeeper 3.9.
 */
import type { JuteReader, JuteWriter } from './jute.ts';
import type { Acl, CreateMode, Stat } from './types.ts';

export const opCode = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  removeWatches: 18,
  createContainer: 19,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches2: 105,
  addWatch: 106,
  closeSession: -11,
  error: -1,
} as const;

/** Xids that belong to no call. */
export const reservedXid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** The flags of a create request: CreateMode.java. */
export const createFlags: Readonly<Record<CreateMode, number>> = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
};

/** What the watches of this client can hear of: Watcher.Event.EventType. */
export const eventTypes = new Map([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'dataChanged'],
  [4, 'childrenChanged'],
] as const);

/**
 * class Stat { long czxid, mzxid, ctime, mtime; int version, cversion, aversion;
 *              long ephemeralOwner; int dataLength, numChildren; long pzxid; }
 */
export function readStat(reader: JuteReader): Stat {
  const czxid = reader.long();
  const mzxid = reader.long();
  const ctime = reader.time();
  const mtime = reader.time();
  const version = reader.int();
  const cversion = reader.int();
  const aversion = reader.int();
  const ephemeralOwner = reader.long();
  const dataLength = reader.int();
  const numChildren = reader.int();
  const pzxid = reader.long();
  return {
    czxid,
    mzxid,
    pzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    dataLength,
    numChildren,
  };
}

/** class ACL { int perms; class Id { ustring scheme; ustring id; } } */
export function writeAcls(writer: JuteWriter, acls: readonly Acl[]): void {
  writer.int(acls.length);
  for (const acl of acls) {
    writer.int(acl.perms);
    writer.string(acl.scheme);
    writer.string(acl.id);
  }
}

const MIN_ACL_BYTES = 12;

export function readAcls(reader: JuteReader): Acl[] {
  return reader.vector(MIN_ACL_BYTES, () => ({
    perms: reader.int(),
    scheme: reader.string(),
    id: reader.string(),
  }));
}

/** class ConnectRequest, and after it the flag of clients that know read-only servers. */
export interface ConnectRequest {
  readonly lastZxid: bigint;
  readonly timeoutMs: number;
  /** 0n asks for a new session. */
  readonly sessionId: bigint;
  readonly password: Uint8Array;
}

/**
 * class ConnectRequest { int protocolVersion; long lastZxidSeen; int timeOut; long sessionId;
 *                        buffer passwd; boolean readOnly; }
 */
export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(0);
  writer.long(request.lastZxid);
  writer.int(request.timeoutMs);
  writer.long(request.sessionId);
  writer.bytes(request.password);
  writer.bool(false);
}

export interface ConnectResponse {
  /** What the server grants; 0 or less: the session that was asked for is gone. */
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly isReadOnly: boolean;
}

/**
 * class ConnectResponse { int protocolVersion; int timeOut; long sessionId; buffer passwd;
 *                         boolean readOnly; }  The last is missing from servers before 3.4.
 */
export function readConnectResponse(reader: JuteReader): ConnectResponse {
  reader.int();
  return {
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.bytes(),
    isReadOnly: reader.remaining > 0 && reader.bool(),
  };
}

/** class RequestHeader { int xid; int type; } */
export function writeHeader(writer: JuteWriter, xid: number, type: number): void {
  writer.int(xid);
  writer.int(type);
}

/** class AuthPacket { int type; ustring scheme; buffer auth; } */
export function writeAuth(writer: JuteWriter, scheme: string, auth: Uint8Array): void {
  writeHeader(writer, reservedXid.auth, opCode.auth);
  writer.int(0);
  writer.string(scheme);
  writer.bytes(auth);
}

export interface WatchSets {
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

/**
 * class SetWatches2 { long relativeZxid; vector<ustring> dataWatches, existWatches, childWatches,
 *                     persistentWatches, persistentRecursiveWatches; }
 */
export function writeSetWatches2(writer: JuteWriter, lastZxid: bigint, sets: WatchSets): void {
  writeHeader(writer, reservedXid.setWatches, opCode.setWatches2);
  writer.long(lastZxid);
  for (const paths of [[], [], [], sets.persistent, sets.recursive]) {
    writer.int(paths.length);
    for (const path of paths) writer.string(path);
  }
}

export interface ServerEvent {
  readonly type: number;
  /** With the chroot. */
  readonly path: string;
}

/** class WatcherEvent { int type; int state; ustring path; } */
export function readEvent(reader: JuteReader): ServerEvent {
  const type = reader.int();
  reader.int();
  return { type, path: reader.string() };
}
