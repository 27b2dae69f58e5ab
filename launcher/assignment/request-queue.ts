/**
 * Which waiting request is to be looked at next: among those that changed, and those that a changed
 * pool might serve, always the first in the order of service.
 *
 * What a change concerns is kept as a place in each group of equal labels, not as a list of requests:
 * to note a change costs nothing by the request, and a group whose pools cannot take anything now is
 * left without a look at the requests in it.
 */
import { Heap } from '../../shared/base/heap.ts';
import type { RequestStore, StoredRequest } from '../../shared/store/requests.ts';
import { compareRequests, nextInGroup, type WaitingGroup } from '../../shared/store/waiting.ts';

/** What the queue asks of a pool that has changed. */
export interface ChangedPool {
  /** The labels that it serves. */
  readonly config: { readonly labels: ReadonlyMap<string, unknown> };
  /** Whether it could take a request at all. */
  readonly isOpen: boolean;
}

/** How far a walk through a group has come. */
interface Walk {
  readonly group: WaitingGroup;
  /** Of the group when the walk began. */
  readonly first: StoredRequest;
  /** The last request that was given out. */
  last: StoredRequest | undefined;
  /** The walk ends when none of these is open. Undefined: it goes to the end in any case. */
  pools: Set<ChangedPool> | undefined;
  /** Requests before it that were given out since it began, for changes of their own. */
  readonly given: Set<StoredRequest>;
}

interface Item {
  /** Of a walk: its next request when this item was made. */
  readonly request: StoredRequest;
  readonly walk: Walk | undefined;
}

/** Dead items are cleared away when there are so many more of them than of the living. */
const MOST_DEAD = 256;

export class RequestQueue<P extends ChangedPool> {
  readonly #requests: Pick<RequestStore, 'get' | 'waiting'>;
  readonly #items = new Heap<Item>((a, b) => compareRequests(a.request, b.request));
  readonly #walks = new Map<WaitingGroup, Walk>();
  /** Requests that changed, and those of them that are not among the items yet. */
  readonly #changed = new Set<string>();
  readonly #fresh = new Set<string>();
  readonly #pools = new Set<P>();
  #isAll = false;

  constructor(requests: Pick<RequestStore, 'get' | 'waiting'>) {
    this.#requests = requests;
  }

  requestChanged(id: string): void {
    this.#changed.add(id);
    this.#fresh.add(id);
  }

  requestGone(id: string): void {
    this.#changed.delete(id);
    this.#fresh.delete(id);
  }

  /** Requests that the pool could serve are looked at, until it cannot take another one. */
  poolChanged(pool: P): void {
    this.#pools.add(pool);
  }

  /** Every request is looked at. */
  everythingChanged(): void {
    this.#isAll = true;
  }

  /** True: there is certainly nothing to look at. */
  get isEmpty(): boolean {
    return (
      !this.#isAll && this.#items.size === 0 && this.#fresh.size === 0 && this.#pools.size === 0
    );
  }

  /** The next one in the order of service, as it is now: certainly `requested`. */
  next(): StoredRequest | undefined {
    this.#takeIn();
    for (let item = this.#items.pop(); item; item = this.#items.pop()) {
      const request = item.walk ? this.#nextOf(item.walk, item) : this.#single(item);
      if (!request) continue;
      this.#changed.delete(request.id);
      this.#fresh.delete(request.id);
      return request;
    }
    return undefined;
  }

  #takeIn(): void {
    if (this.#isAll) {
      this.#isAll = false;
      this.#pools.clear();
      for (const group of this.#requests.waiting.groups()) this.#begin(group, undefined);
    }
    for (const pool of this.#pools) {
      for (const group of this.#requests.waiting.groupsWithin(pool.config.labels.keys())) {
        this.#begin(group, pool);
      }
    }
    this.#pools.clear();
    for (const id of this.#fresh) {
      const request = this.#requests.get(id);
      if (request) this.#items.push({ request, walk: undefined });
      else this.#changed.delete(id);
    }
    this.#fresh.clear();
    this.#clearDead();
  }

  /** Begins a walk at the group's first request; one that is under way begins anew. */
  #begin(group: WaitingGroup, pool: P | undefined): void {
    const [request] = group.requests;
    if (!request) return;
    const running = this.#walks.get(group);
    const pools = pool && (!running || running.pools) ? (running?.pools ?? new Set()) : undefined;
    if (pool) pools?.add(pool);
    if (running && running.last === undefined && running.first === request) {
      running.pools = pools;
      running.given.clear();
      return;
    }
    const walk: Walk = { group, first: request, last: undefined, pools, given: new Set() };
    this.#walks.set(group, walk);
    this.#items.push({ request, walk });
  }

  #nextOf(walk: Walk, item: Item): StoredRequest | undefined {
    if (this.#walks.get(walk.group) !== walk) return undefined;
    const request = isHopeless(walk) ? undefined : advance(walk);
    if (!request) {
      this.#walks.delete(walk.group);
      return undefined;
    }
    if (compareRequests(request, item.request) > 0) {
      // The one that stood here is gone: others may come first now.
      this.#items.push({ request, walk });
      return undefined;
    }
    walk.last = request;
    const following = nextInGroup(walk.group, request);
    if (following) this.#items.push({ request: following, walk });
    else this.#walks.delete(walk.group);
    return request;
  }

  #single(item: Item): StoredRequest | undefined {
    const { id } = item.request;
    if (!this.#changed.has(id)) return undefined;
    const request = this.#requests.get(id);
    if (request?.record.state !== 'requested') {
      this.#changed.delete(id);
      return undefined;
    }
    if (compareRequests(request, item.request) <= 0) {
      const group = this.#requests.waiting.groupOf(request);
      if (group) this.#walks.get(group)?.given.add(request);
      return request;
    }
    // Its priority has become worse: others may come first now.
    this.#items.push({ request, walk: undefined });
    return undefined;
  }

  #clearDead(): void {
    const living = this.#walks.size + this.#changed.size;
    if (this.#items.size <= 2 * living + MOST_DEAD) return;
    const kept = new Set<string>();
    this.#items.filter(({ walk, request }) => {
      if (walk) return this.#walks.get(walk.group) === walk;
      const isLiving = this.#changed.has(request.id) && !kept.has(request.id);
      if (isLiving) kept.add(request.id);
      return isLiving;
    });
  }
}

/** The next request of the walk; those that were given out already are passed for good. */
function advance(walk: Walk): StoredRequest | undefined {
  for (;;) {
    const request = nextInGroup(walk.group, walk.last);
    if (!request || !walk.given.delete(request)) return request;
    walk.last = request;
  }
}

function isHopeless({ pools }: Walk): boolean {
  if (!pools) return false;
  for (const pool of pools) if (pool.isOpen) return false;
  return true;
}
