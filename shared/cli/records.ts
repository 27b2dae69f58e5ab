/**
 * Nodes, requests and components read straight from ZooKeeper, without caches and watches: a command looks once.
 */
import type { z } from 'zod';

import { componentSchema } from '../../schemas/records/component.ts';
import type { ComponentKind, ComponentRecord } from '../../schemas/records/component.ts';
import { nodeSchema } from '../../schemas/records/node.ts';
import type { NodeRecord } from '../../schemas/records/node.ts';
import { requestSchema } from '../../schemas/records/request.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import { hasCode } from '../base/errors.ts';
import { decode, type Decoded } from '../store/codec.ts';
import {
  componentRoot,
  nodeLockPath,
  nodePath,
  NODES,
  requestLockPath,
  requestPath,
  REQUESTS,
} from '../store/paths.ts';
import type { CallOptions, ZooKeeper } from '../zookeeper/types.ts';
import type { NodeView, RequestView } from '../web/source.ts';

/** Reads under way at once: enough to be fast, not so many that the server's queue fills. */
const BATCH = 500;

/** What is read of ZooKeeper: a client, or a copy of what it has. */
export type Reader = Pick<ZooKeeper, 'children' | 'exists' | 'get'>;

export interface ReadOptions {
  readonly client: Reader;
  readonly signal: AbortSignal;
  /** Told of each znode that holds no record. */
  readonly warn: (line: string) => void;
}

/** In the order in which ZooKeeper lists them. */
export async function readNodes(options: ReadOptions): Promise<NodeView[]> {
  const ids = await childrenOf(NODES, options);
  return inBatches(ids, (id) => readNode(id, options));
}

/** Undefined: there is none, or its znode holds no record. */
export async function readNode(id: string, options: ReadOptions): Promise<NodeView | undefined> {
  const [record, contenders] = await Promise.all([
    readRecord<NodeRecord>(nodePath(id), nodeSchema, options),
    childrenOf(nodeLockPath(id), options),
  ]);
  return record && { id, record, isLocked: contenders.length > 0 };
}

/** Sorted by id. */
export async function readRequests(options: ReadOptions): Promise<RequestView[]> {
  const ids = await childrenOf(REQUESTS, options);
  return inBatches(ids.sort(), async (id) => {
    const record = await readRecord<RequestRecord>(requestPath(id), requestSchema, options);
    return record && { id, record };
  });
}

/** Undefined: there is none, or its znode holds no record. */
export async function readRequest(
  id: string,
  options: ReadOptions,
): Promise<RequestView | undefined> {
  const record = await readRecord<RequestRecord>(requestPath(id), requestSchema, options);
  return record && { id, record };
}

/** Whether anybody holds or waits for a request's lock. */
export async function isRequestLocked(id: string, options: ReadOptions): Promise<boolean> {
  return (await childrenOf(requestLockPath(id), options)).length > 0;
}

/** Who is registered as one kind. */
export async function readComponents(
  kind: ComponentKind,
  options: ReadOptions,
): Promise<ComponentRecord[]> {
  const root = componentRoot(kind);
  const names = await childrenOf(root, options);
  return inBatches(names.sort(), (name) =>
    readRecord<ComponentRecord>(`${root}/${name}`, componentSchema, options),
  );
}

/** In the order of the ids, without those that nothing is read of. */
export async function inBatches<I, T>(
  ids: readonly I[],
  read: (id: I) => Promise<T | undefined>,
): Promise<T[]> {
  const found: T[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = await Promise.all(ids.slice(from, from + BATCH).map(read));
    found.push(...batch.filter((one) => one !== undefined));
  }
  return found;
}

/** Empty where the znode does not exist. */
export async function childrenOf(path: string, options: ReadOptions): Promise<string[]> {
  const found = await orMissing(options.client.children(path, callOptions(options)));
  return found?.children ?? [];
}

/** Undefined for what is gone, empty or no record. */
export async function readRecord<R>(
  path: string,
  schema: z.ZodType,
  options: ReadOptions,
): Promise<R | undefined> {
  const found = await orMissing(options.client.get(path, callOptions(options)));
  if (found === undefined || found.data.length === 0) return undefined;
  const decoded = decodeOnce<R>(schema, found.data);
  if (decoded.ok) return decoded.record;
  // The reason may repeat a part of the data, which may be a secret.
  options.warn(`${path} holds no record and is left out`);
  return undefined;
}

/** Of copies in memory, which are read again and again, each is decoded once. */
const known = new WeakMap<Uint8Array, Decoded<unknown>>();

function decodeOnce<R>(schema: z.ZodType, data: Uint8Array): Decoded<R> {
  const before = known.get(data);
  // What stands at one path is always read as the same kind of record.
  if (before !== undefined) return before as Decoded<R>;
  const decoded = decode<R>(schema, data);
  known.set(data, decoded);
  return decoded;
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ZK_NO_NODE')) return undefined;
    throw error;
  }
}

function callOptions({ signal }: ReadOptions): CallOptions {
  return { signal };
}
