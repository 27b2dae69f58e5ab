/**
 * What ZooKeeper holds, read once, whichever programs wrote it, with who is registered and by which
 * session.
 */
import { componentKinds, componentSchema } from '../../../schemas/records/component.ts';
import type { ComponentKind, ComponentRecord } from '../../../schemas/records/component.ts';
import type { Clock } from '../../base/clock.ts';
import { decode } from '../../store/codec.ts';
import { componentRoot, REQUEST_LOCKS } from '../../store/paths.ts';
import type { NodeView, RequestView } from '../../web/source.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { ImageState } from '../plan/model.ts';
import { readImageStates } from '../plan/snapshot.ts';
import { childrenOf, inBatches, readNodes, readRequests, type ReadOptions } from '../records.ts';

/** A process, or a pool of one, that is registered. */
export interface Member {
  readonly kind: ComponentKind;
  readonly record: ComponentRecord;
  /** The session that it is registered by. */
  readonly session: bigint;
  /** Python's write JSON with a blank after each colon (json.dumps), ours without. */
  readonly isPython: boolean;
}

export interface Records {
  readonly nodes: readonly NodeView[];
  readonly requests: readonly RequestView[];
  readonly members: readonly Member[];
  readonly images: ReadonlyMap<string, ImageState>;
  /** Ids of requests whose lock has a znode, whether they exist or not. */
  readonly requestLocks: readonly string[];
  /** Paths of znodes that hold no record, with words about it. */
  readonly corrupt: readonly string[];
  /** When all was read, in seconds since 1970. */
  readonly now: number;
}

export async function readRecords(
  client: ZooKeeper,
  clock: Clock,
  signal: AbortSignal,
): Promise<Records> {
  const corrupt: string[] = [];
  const options: ReadOptions = { client, signal, warn: (line) => corrupt.push(line) };
  const [members, nodes, requests, images, requestLocks] = await Promise.all([
    Promise.all(componentKinds.map((kind) => readMembers(kind, options, client))),
    readNodes(options),
    readRequests(options),
    readImageStates(options),
    childrenOf(REQUEST_LOCKS, options),
  ]);
  const now = clock.now() / 1000;
  return { nodes, requests, members: members.flat(), images, requestLocks, corrupt, now };
}

async function readMembers(
  kind: ComponentKind,
  options: ReadOptions,
  client: ZooKeeper,
): Promise<Member[]> {
  const root = componentRoot(kind);
  const names = (await childrenOf(root, options)).sort();
  return inBatches(names, async (name): Promise<Member | undefined> => {
    const path = `${root}/${name}`;
    const found = await client.get(path, { signal: options.signal }).catch(() => undefined);
    if (found === undefined) return undefined;
    const decoded = decode<ComponentRecord>(componentSchema, found.data);
    if (!decoded.ok) {
      options.warn(`${path} holds no record`);
      return undefined;
    }
    const isPython = /":\s/.test(found.data.toString());
    return { kind, record: decoded.record, session: found.stat.ephemeralOwner, isPython };
  });
}
