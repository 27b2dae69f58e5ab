/**
 * Follows what a launcher does, in ZooKeeper alone: which requests wait, which are begun and answered,
 * which nodes come and go. Knows the order of service by itself, so that the launcher's is checked.
 */
import { requestSchema, type RequestRecord } from '../../../schemas/records/request.ts';
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { NODES, REQUESTS } from '../../../shared/store/paths.ts';
import { RecordCache } from '../../../shared/store/record-cache.ts';
import { TreeCache } from '../../../shared/zookeeper/tree-cache.ts';
import type { WatchHandle, ZooKeeper } from '../../../shared/zookeeper/types.ts';
import type { PoolPlan } from './layout.ts';

export interface Counts {
  requested: number;
  pending: number;
  fulfilled: number;
  failed: number;
}

/** A request that a launcher has begun. */
export interface Begun {
  readonly id: string;
  readonly atMs: number;
  /** Those that waited in the same moment, itself included. */
  readonly waiting: readonly (readonly [id: string, record: RequestRecord])[];
}

export class Observer {
  readonly counts: Counts = { requested: 0, pending: 0, fulfilled: 0, failed: 0 };
  readonly #client: ZooKeeper;
  readonly #requests: RecordCache<RequestRecord>;
  /** When the first and the last request was fulfilled. */
  firstFulfilledMs: number | undefined;
  lastFulfilledMs: number | undefined;
  firstBegunMs: number | undefined;
  /** Told of each request that is begun. */
  onBegun: ((begun: Begun) => void) | undefined;

  constructor(client: ZooKeeper) {
    this.#client = client;
    this.#requests = new RecordCache({
      tree: new TreeCache({
        client,
        root: REQUESTS,
        classify: (relative) => (relative.includes('/') ? 'skip' : 'data'),
        expectedChildren: () => [],
        log: silentLogger,
      }),
      schema: requestSchema,
      isRecord: (path) => path.lastIndexOf('/') === REQUESTS.length,
      log: silentLogger,
    });
    this.#requests.onChange(({ id, before, after }) => {
      if (before) this.counts[before.record.state]--;
      if (after) this.counts[after.record.state]++;
      if (before?.record.state !== after?.record.state && after) this.#changed(id, after.record);
    });
  }

  async start(): Promise<void> {
    await this.#requests.tree.start(AbortSignal.timeout(60_000));
  }

  async stop(): Promise<void> {
    await this.#requests.tree.stop();
  }

  /** Calls back with the id of each node whose znode comes or goes. */
  watchNodes(on: (event: 'created' | 'deleted', id: string) => void): Promise<WatchHandle> {
    return this.#client.addWatch(NODES, 'persistentRecursive', ({ type, path }) => {
      if (type !== 'created' && type !== 'deleted') return;
      if (path.lastIndexOf('/') === NODES.length) on(type, path.slice(NODES.length + 1));
    });
  }

  async node(id: string): Promise<NodeRecord> {
    const { data } = await this.#client.get(`${NODES}/${id}`);
    return JSON.parse(data.toString()) as NodeRecord;
  }

  #changed(id: string, record: RequestRecord): void {
    const now = performance.now();
    if (record.state === 'pending') {
      this.firstBegunMs ??= Date.now();
      if (!this.onBegun) return;
      const waiting = [...this.#requests.values()]
        .filter((one) => one.record.state === 'requested' || one.id === id)
        .map((one) => [one.id, one.record] as const);
      this.onBegun({ id, atMs: now, waiting });
    } else if (record.state === 'fulfilled') {
      this.firstFulfilledMs ??= now;
      this.lastFulfilledMs = now;
    }
  }
}

/** The request that the pool has to begin next: priority text, relative priority, sequence text. */
export function firstFor(pool: PoolPlan, waiting: Begun['waiting']): string | undefined {
  const able = waiting.filter(([, { node_types }]) =>
    node_types.every((label) => pool.labels.includes(label)),
  );
  const [first] = able.sort(([a, one], [b, other]) => {
    const [priority = '', sequence = ''] = a.split('-');
    const [otherPriority = '', otherSequence = ''] = b.split('-');
    return (
      compareText(priority, otherPriority) ||
      one.relative_priority - other.relative_priority ||
      compareText(sequence, otherSequence)
    );
  });
  return first?.[0];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
