/** One node after the other is given back: what follows in its pool, and how soon. */
import type { ZooKeeper } from '../../../shared/zookeeper/types.ts';
import { giveBack, type UsedNode } from './fill.ts';
import { firstFor, type Begun, type Observer } from './observer.ts';

export interface RoomFigures {
  readonly releases: number;
  /** From a node's znode gone, which frees its room, to the next node's znode there. */
  readonly launch_ms: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Nodes that were launched in another pool than the one with room. */
  readonly elsewhere: number;
  /** Requests that a pool began while one came before it in the order of service. */
  readonly out_of_order: number;
}

export interface RoomOptions {
  readonly client: ZooKeeper;
  readonly observer: Observer;
  readonly nodes: readonly UsedNode[];
  readonly limitMs: number;
}

export async function measureRoom(options: RoomOptions): Promise<RoomFigures> {
  const { client, observer, nodes } = options;
  const times: number[] = [];
  let elsewhere = 0;
  let outOfOrder = 0;
  const events = new Events();
  const watch = await observer.watchNodes((event, id) => {
    if (event === 'created') events.tell('created', { id, atMs: performance.now() });
    else events.tell(`deleted ${id}`, { id, atMs: performance.now() });
  });
  observer.onBegun = (begun) => {
    events.tell('begun', begun);
  };
  try {
    for (const node of nodes) {
      const gone = events.next<Moment>(`deleted ${node.id}`, options.limitMs);
      const created = events.next<Moment>('created', options.limitMs);
      const begun = events.next<Begun>('begun', options.limitMs);
      await giveBack(client, node);
      const [left, came] = await Promise.all([gone, created]);
      times.push(Math.max(0, came.atMs - left.atMs));
      const { provider, pool } = await observer.node(came.id);
      if (provider !== node.pool.provider || pool !== node.pool.pool) elsewhere++;
      const next = await begun;
      if (next.id !== firstFor(node.pool, next.waiting)) outOfOrder++;
    }
  } finally {
    observer.onBegun = undefined;
    await watch.close();
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((times[Math.ceil(times.length * share) - 1] ?? 0) * 10) / 10;
  return {
    releases: nodes.length,
    launch_ms: { p50: at(0.5), p99: at(0.99), max: at(1) },
    elsewhere,
    out_of_order: outOfOrder,
  };
}

interface Moment {
  readonly id: string;
  readonly atMs: number;
}

/** Promises of the next event of a kind. */
class Events {
  readonly #waiting = new Map<string, (value: unknown) => void>();

  tell(kind: string, value: unknown): void {
    this.#waiting.get(kind)?.(value);
    this.#waiting.delete(kind);
  }

  next<T>(kind: string, limitMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`not within ${limitMs / 1000} s: ${kind}`));
      }, limitMs);
      this.#waiting.set(kind, (value) => {
        clearTimeout(timer);
        resolve(value as T);
      });
    });
  }
}
