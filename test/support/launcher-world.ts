/**
 * Small pieces of a launcher's world for unit tests: records, what a pool knows, a cache without a
 * server. Every builder fills in what a test does not care about.
 */
import type { Quota } from '../../schemas/quota.ts';
import { newNode, nodeSchema, type NodeRecord } from '../../schemas/records/node.ts';
import { newRequest, type RequestRecord } from '../../schemas/records/request.ts';
import type {
  FreeNode,
  LabelView,
  OnlinePools,
  PoolView,
  RegisteredPool,
} from '../../launcher/assignment/pool-view.ts';
import { silentLogger } from '../../shared/base/log.ts';
import { RecordCache, type Stored } from '../../shared/store/record-cache.ts';
import type { OwnWrite, TreeCache } from '../../shared/zookeeper/tree-cache.ts';
import { Tree } from '../../shared/zookeeper/tree-cache/tree.ts';
import type { Stat } from '../../shared/zookeeper/types.ts';

/** Unix seconds at which records of these builders are made. */
export const MADE_AT = 1_700_000_000;

export function request(fields: Partial<RequestRecord> = {}): RequestRecord {
  return newRequest({ node_types: ['small'], ...fields }, MADE_AT);
}

export function node(fields: Partial<NodeRecord> = {}): NodeRecord {
  return newNode({ state: 'ready', provider: 'cloud', pool: 'main', ...fields }, MADE_AT);
}

/** A record as a cache holds it. */
export function stored<R>(id: string, record: R, version = 0): Stored<R> {
  return { id, path: `/records/${id}`, record, version, ctimeMs: MADE_AT * 1000 };
}

export function registered(fields: Partial<RegisteredPool> = {}): RegisteredPool {
  return {
    id: 'own',
    provider: 'cloud',
    labels: new Set(['small', 'large']),
    priority: 100,
    isPaused: false,
    isDrained: false,
    ...fields,
  };
}

/** Who is online, as the list says at the moment. */
export function onlinePools(list: () => readonly RegisteredPool[]): OnlinePools {
  return {
    all: list,
    withLabels: (labels) =>
      list().filter((pool) => labels.every((label) => pool.labels.has(label))),
    isOnline: (id) => list().some((pool) => pool.id === id),
  };
}

export interface ViewFields {
  /** Overrides of the labels' views; a label that is not named here does not exist. */
  readonly labels?: Readonly<Record<string, Partial<LabelView> | undefined>>;
  readonly free?: readonly FreeNode[];
  /** Slots by label; makes the pool one of hosts that exist anyway. */
  readonly hosts?: Readonly<Record<string, number>>;
  readonly tenants?: Readonly<Record<string, { limits: Quota; used: Quota }>>;
}

/** Pool `own` of provider `cloud`, alone online, with labels `small` and `large`, without limits. */
export function poolView(fields: ViewFields & Partial<PoolView> = {}): PoolView {
  const { labels, free = [], hosts, tenants = {}, ...view } = fields;
  const offered = labels ?? { small: {}, large: { need: { instances: 1, cores: 8 } } };
  return {
    id: 'own',
    provider: 'cloud',
    priority: 100,
    nowSeconds: MADE_AT,
    label: (name) => {
      const label = offered[name];
      return label && { offline: undefined, need: { instances: 1 }, hasImage: true, ...label };
    },
    registered: [registered()],
    isWaiting: false,
    drained: undefined,
    launching: 0,
    maxConcurrency: Infinity,
    poolLimits: {},
    poolUsed: {},
    providerLimits: {},
    providerUsed: {},
    inventory:
      hosts && new Map(Object.entries(hosts).map(([label, n]) => [label, places(label, n)])),
    freeNodes: (label) => free.filter((one) => one.labels.includes(label)),
    tenant: (name) => tenants[name],
    ...view,
  };
}

/** Places of different hosts. */
function places(label: string, count: number): FreeNode[] {
  return Array.from({ length: count }, (_, at) => freeNode(`${label}-${at}`, { labels: [label] }));
}

export function freeNode(id: string, fields: Partial<FreeNode> = {}): FreeNode {
  return { id, labels: ['small'], availabilityZone: null, ...fields };
}

/** A stat whose transaction id and version are the given number. */
export function statOf(version: number): Stat {
  const zxid = BigInt(version);
  return {
    ...{ czxid: 0n, mzxid: zxid, pzxid: zxid, ctime: MADE_AT * 1000, mtime: MADE_AT * 1000 },
    ...{ version, cversion: 0, aversion: 0, ephemeralOwner: 0n, dataLength: 0, numChildren: 0 },
  };
}

/** What caches need of a `TreeCache`; a test puts and removes znodes itself. */
export class FakeTree {
  readonly content = new Tree(silentLogger);
  #zxid = 0;

  /** The same as a `TreeCache` for those who ask for one. */
  get cache(): TreeCache {
    return this as unknown as TreeCache;
  }

  put(path: string, data: object | string): void {
    const bytes = Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
    this.content.putData(path, { data: bytes, stat: statOf(++this.#zxid) });
  }

  presence(path: string): void {
    this.content.putPresence(path);
  }

  remove(path: string): void {
    this.content.remove(path);
  }

  children(path: string): readonly string[] {
    return this.content.children(path);
  }

  onChange(listener: Parameters<Tree['onChange']>[0]): () => void {
    return this.content.onChange(listener);
  }

  /** Takes over what an own write did, as the real one does. */
  async write<T>(
    _pending: unknown,
    run: () => Promise<T>,
    outcome: (result: T) => readonly OwnWrite[],
  ): Promise<T> {
    const result = await run();
    for (const write of outcome(result)) {
      if (write.isDeleted === true) this.content.remove(write.path);
      else this.content.putData(write.path, write);
    }
    return result;
  }
}

/** A cache of nodes on a fake tree. */
export function nodeCache(): { tree: FakeTree; cache: RecordCache<NodeRecord> } {
  const tree = new FakeTree();
  const cache = new RecordCache<NodeRecord>({
    tree: tree.cache,
    schema: nodeSchema,
    isRecord: (path) => path.lastIndexOf('/') === '/nodepool/nodes'.length,
    log: silentLogger,
  });
  return { tree, cache };
}
